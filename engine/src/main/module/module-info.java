// SPDX-License-Identifier: Apache-2.0
/** Tensors, ops, the tape, layers and the float64 reference backend. */
module aulos.engine {
    exports aulos.engine;
    exports aulos.engine.io;
    exports aulos.engine.nn;
    exports aulos.engine.op;
    exports aulos.engine.reference;
    exports aulos.engine.study;
    exports aulos.engine.transform;

    uses aulos.engine.BackendProvider;

    provides aulos.engine.BackendProvider with aulos.engine.reference.ReferenceProvider;
}
