// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import java.util.AbstractList;
import java.util.RandomAccess;

/** A Python tuple, such as the betas of an optimiser. {@link PyTorchFile} reads and writes any other list as a list. */
public final class PyTuple extends AbstractList<Object> implements RandomAccess {
    private final Object[] items;

    public PyTuple(Object... items) {
        this.items = items.clone();
    }

    @Override
    public Object get(int index) {
        return items[index];
    }

    @Override
    public int size() {
        return items.length;
    }

    /** Only while a file is read: a tensor takes the place of its description. */
    void replace(int index, Object item) {
        items[index] = item;
    }
}
