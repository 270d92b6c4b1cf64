// SPDX-License-Identifier: Apache-2.0

/** One operation: its value, where its inputs stand on the tape, and its derivative in each of them. */
record Node(double value, int left, double byLeft, int right, double byRight) {}

final List<Node> tape = new ArrayList<>();

/** A number that remembers its place on the tape. */
class Num {
    final int index;
    final double value;

    Num(double value, int left, double byLeft, int right, double byRight) {
        this.index = tape.size();
        this.value = value;
        tape.add(new Node(value, left, byLeft, right, byRight));
    }

    Num plus(Num other) {
        return new Num(value + other.value, index, 1, other.index, 1);
    }

    Num minus(Num other) {
        return new Num(value - other.value, index, 1, other.index, -1);
    }

    Num times(Num other) {
        return new Num(value * other.value, index, other.value, other.index, value);
    }

    Num tanh() {
        double y = Math.tanh(value);
        return new Num(y, index, 1 - y * y, -1, 0);
    }
}

Num leaf(double value) {
    return new Num(value, -1, 0, -1, 0);
}

/** The derivatives of one number in every number before it. */
double[] backward(Num result) {
    double[] gradient = new double[tape.size()];
    gradient[result.index] = 1;
    for (int i = result.index; i >= 0; i--) {
        Node node = tape.get(i);
        if (node.left() >= 0) {
            gradient[node.left()] += gradient[i] * node.byLeft();
        }
        if (node.right() >= 0) {
            gradient[node.right()] += gradient[i] * node.byRight();
        }
    }
    return gradient;
}

/** A network: two inputs, three hidden units, one output; 13 weights. */
Num network(Num[] w, double a, double b) {
    Num x = leaf(a);
    Num z = leaf(b);
    Num out = w[12];
    for (int unit = 0; unit < 3; unit++) {
        Num sum = w[unit].times(x).plus(w[3 + unit].times(z)).plus(w[6 + unit]);
        out = out.plus(w[9 + unit].times(sum.tanh()));
    }
    return out;
}

double[] trainOnExclusiveOr(double[] weights, int step) {
    tape.clear();
    Num[] w = Arrays.stream(weights).mapToObj(this::leaf).toArray(Num[]::new);
    Num loss = leaf(0);
    for (int i = 0; i < 4; i++) {
        Num error = network(w, i / 2, i % 2).minus(leaf(i == 1 || i == 2 ? 1 : 0));
        loss = loss.plus(error.times(error));
    }
    if (step % 100 == 0) {
        IO.println("step %3d: loss %.3f, %d nodes".formatted(step, loss.value, tape.size()));
    }
    double[] gradient = backward(loss);
    return IntStream.range(0, w.length).mapToDouble(i -> w[i].value - 0.05 * gradient[w[i].index]).toArray();
}

void main() {
    Num x = leaf(2);
    Num y = leaf(0.5);
    Num f = x.times(y).tanh().plus(x.times(x));      // f = tanh(x·y) + x²
    double[] gradient = backward(f);
    IO.println("f = %.4f, ∂f/∂x = %.4f, ∂f/∂y = %.4f".formatted(f.value, gradient[x.index], gradient[y.index]));
    double h = 1e-6;
    IO.println("difference in x: %.4f".formatted(
            (Math.tanh((2 + h) * 0.5) + (2 + h) * (2 + h) - Math.tanh((2 - h) * 0.5) - (2 - h) * (2 - h)) / (2 * h)));
    double[] weights = {0.9, -0.4, 0.3, 0.5, 0.8, -0.7, 0.1, -0.2, 0.3, 0.6, -0.5, 0.4, 0};
    for (int step = 0; step <= 300; step++) {
        weights = trainOnExclusiveOr(weights, step);
    }
}
