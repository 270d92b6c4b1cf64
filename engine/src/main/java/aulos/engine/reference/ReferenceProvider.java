// SPDX-License-Identifier: Apache-2.0
package aulos.engine.reference;

import aulos.engine.Backend;
import aulos.engine.BackendProvider;
import java.util.List;

/** Offers the reference backend under {@code --device reference}. */
public final class ReferenceProvider implements BackendProvider {
    @Override
    public String name() {
        return "reference";
    }

    @Override
    public int preference() {
        return -1;
    }

    @Override
    public List<String> devices() {
        return List.of("plain loops in float64, 1 thread");
    }

    @Override
    public Backend open(int index) {
        return new ReferenceBackend();
    }
}
