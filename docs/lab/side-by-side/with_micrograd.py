# SPDX-License-Identifier: Apache-2.0
# What of the ten tasks micrograd can do. It knows numbers, not arrays, and first derivatives only. It has no tanh, so that is an op of one's own as in task 10.
import math

from micrograd.engine import Value


def show(task, values):
    print(f"{task}:", *(f"{value:.4f}" for value in values))


def tanh(t):
    out = Value(math.tanh(t.data), (t,), "tanh")

    def backward():
        t.grad += (1 - out.data ** 2) * out.grad

    out._backward = backward
    return out


def leaves():
    return [Value(1.0), Value(2.0), Value(-0.5)]


# 1 gradient
x = leaves()
sum(tanh(t) * t for t in x).backward()
show(1, [t.grad for t in x])

# 2 print the graph
def walk(node, depth=0):
    print("  " * depth, node._op or "leaf", node.data)
    for parent in node._prev:
        walk(parent, depth + 1)
walk(sum(tanh(t) * t for t in leaves()))

# 3 Jᵀu
x = leaves()
sum(u * tanh(t * t) for u, t in zip([0.5, -1, 2], x)).backward()
show(3, [t.grad for t in x])

# 4 a gradient for each example
x = leaves()
for t in x:
    tanh(t * t).backward()
show(4, [t.grad for t in x])

# 10 an op of your own
def cube(t):
    out = Value(t.data ** 3, (t,), "cube")
    def backward():
        t.grad += 3 * t.data ** 2 * out.grad
    out._backward = backward
    return out
show(10, [cube(t).data for t in leaves()])
