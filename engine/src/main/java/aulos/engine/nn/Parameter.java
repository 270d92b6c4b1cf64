// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.Scope;
import aulos.engine.Tape;
import aulos.engine.Tensor;

/** A place in a model that holds a tensor under its name in the state dict: a trained parameter, or a buffer. */
public final class Parameter {
    private final String name;
    private final Scope owner;
    private final boolean trainable;
    private Tensor tensor;

    /**
     * A trained parameter outside any model, named {@code name}.
     *
     * @param value what it starts from; {@code owner} becomes an owner of it
     */
    public Parameter(String name, Tensor value, Scope owner) {
        this(name, owner.adopt(value.named(name)), owner, true);
    }

    Parameter(String name, Tensor tensor, Scope owner, boolean trainable) {
        this.name = name;
        this.tensor = tensor;
        this.owner = owner;
        this.trainable = trainable;
    }

    /** The full path, as in {@code resblocks.0.convs1.0.weight_g}. */
    public String name() {
        return name;
    }

    /** The present value. */
    public Tensor tensor() {
        return tensor;
    }

    /** Whether an optimiser updates it; if not, it is a buffer that its layer updates. */
    public boolean trainable() {
        return trainable;
    }

    /** Takes another value of the same shape; a tape that still needs the old one keeps it. */
    public void replace(Tensor value) {
        if (!value.shape().equals(tensor.shape())) {
            throw new IllegalArgumentException(
                    name + ": new value " + value.shape() + ", expected " + tensor.shape());
        }
        Tape.replacing(name, tensor, value);
        owner.adopt(value);
        owner.release(tensor);
        tensor = value;
    }
}
