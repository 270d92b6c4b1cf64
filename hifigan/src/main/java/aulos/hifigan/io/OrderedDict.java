// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import java.util.LinkedHashMap;

/**
 * Python's {@code collections.OrderedDict}, which is what a PyTorch state dict is. {@link PyTorchFile} reads and writes
 * any other map as a plain {@code dict}.
 */
public final class OrderedDict extends LinkedHashMap<Object, Object> {
    private static final long serialVersionUID = 1;
}
