// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.Op;
import java.util.List;

/** What is checked before an op runs. Every message names the op, what it was given, what it expects, and the label. */
final class Checks {
    private Checks() {}

    /** The shape of the result. */
    static Shape shape(Op op, List<Shape> inputs, String label) {
        if (inputs.isEmpty()) {
            throw error(op.name() + ": no inputs, expected at least 1", label, null);
        }
        try {
            return op.shape(inputs);
        } catch (IllegalArgumentException misfit) {
            throw label.isEmpty() ? misfit : error(misfit.getMessage(), label, misfit);
        } catch (IndexOutOfBoundsException | ArithmeticException misfit) {
            throw error((op.name() + " " + op.parameters()).strip() + ": " + inputs.size() + " inputs " + inputs
                    + ", which its shape rule does not expect (" + misfit.getMessage() + ")", label, misfit);
        }
    }

    /** Requires that all inputs are there. */
    static List<Tensor> present(String op, Tensor... inputs) {
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i] == null) {
                throw error(op + ": input " + i + " of " + inputs.length + " is null, expected a tensor");
            }
        }
        return List.of(inputs);
    }

    /** Requires that all inputs, none of them freed, lie on one backend. */
    static void backend(String op, List<Tensor> inputs) {
        Backend backend = inputs.getFirst().backend();
        for (Tensor input : inputs) {
            input.requireAlive(op);
            if (input.backend() != backend) {
                String other = input.backend().name();
                throw error(op + ": inputs lie on the backends " + backend.name() + " and "
                        + (other.equals(backend.name()) ? "another one called " : "") + other
                        + ", expected all on one");
            }
        }
    }

    /** What an optimiser's step changes and reads: nothing freed, all of one shape. */
    static void update(String name, Tensor parameter, List<Tensor> inputs) {
        parameter.requireAlive(name);
        for (Tensor tensor : inputs) {
            tensor.requireAlive(name);
            if (!tensor.shape().equals(parameter.shape())) {
                throw new IllegalArgumentException(name + ": " + tensor.describe() + " for parameter "
                        + parameter.describe() + ", expected equal shapes");
            }
        }
    }

    /** Resolves a possibly negative axis to 0…rank−1. */
    static int axis(String op, Shape input, int axis) {
        if (axis < -input.rank() || axis >= input.rank()) {
            throw error(op + ": axis " + axis + " of input " + input + ", expected "
                    + (input.rank() == 0 ? "an input of rank 1 or more"
                            : "an axis from " + -input.rank() + " to " + (input.rank() - 1)));
        }
        return axis < 0 ? axis + input.rank() : axis;
    }

    /** The dimension along an axis. */
    static int dim(String op, Shape input, int axis) {
        return input.dim(axis(op, input, axis));
    }

    static void rank(String op, Shape input, int rank) {
        if (input.rank() != rank) {
            throw error(op + ": input " + input + " has rank " + input.rank() + ", expected " + rank);
        }
    }

    /** With the label that the thread is under. */
    static IllegalArgumentException error(String message) {
        return error(message, Tape.label(), null);
    }

    private static IllegalArgumentException error(String message, String label, Exception cause) {
        return new IllegalArgumentException(label.isEmpty() ? message : message + " (in " + label + ")", cause);
    }
}
