// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import aulos.engine.io.Dtype;
import aulos.engine.io.InputFile;
import java.io.IOException;

/** A named block of elements in a PyTorch file, into which tensors are views. */
record Storage(String key, Dtype dtype, long elements) {

    /** Where the blocks are. */
    @FunctionalInterface
    interface Source {
        /** All elements of a non-empty storage, of rank 1. */
        NdArray read(Storage storage) throws IOException;
    }

    long bytes() {
        return elements * dtype.bytes();
    }

    @Override
    public String toString() {
        return "storage " + InputFile.quote(key) + " (" + dtype + "[" + elements + "])";
    }
}
