# SPDX-License-Identifier: Apache-2.0
# The ten tasks in PyTorch; run with 1.13.
import sys
import torch
from torch.autograd import functional
from torch.utils.checkpoint import checkpoint


def show(task, *values):
    print(f"{task}:", *(f"{number:.4f}" for value in values for number in value.detach().flatten().tolist()))


def f(t):
    return (t.tanh() * t).sum()


def g(t):
    return (t * t).tanh()


x = torch.tensor([1, 2, -0.5], dtype=torch.float64, requires_grad=True)
v = torch.tensor([0.5, -1, 2], dtype=torch.float64)

# 1 gradient
slope, = torch.autograd.grad(f(x), x)
show(1, slope)

# 2 print the graph
def walk(node, depth=0):
    if node is not None:
        print("  " * depth + node.name(), file=sys.stderr)
        for parent, _ in node.next_functions:
            walk(parent, depth + 1)
walk(f(x).grad_fn)

# 3 Jᵀu
pulled = functional.vjp(g, x, v)[1]
show(3, pulled)

# 4 a gradient for each example
per_example = torch.stack([torch.autograd.grad((row * row).sum().tanh(), row)[0] for row in x.reshape(3, 1)])
show(4, per_example)

# 5 sixth derivative of tanh
point = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
sixth = point.tanh()
for _ in range(6):
    sixth, = torch.autograd.grad(sixth, point, create_graph=True)
show(5, sixth)

# 6 J·v
tangent = functional.jvp(g, x, v)[1]
show(6, tangent)

# 7 H·v
curvature = functional.hvp(f, x, v)[1]
show(7, curvature)

# 8 recompute instead of keep
recomputed, = torch.autograd.grad(checkpoint(f, x, use_reentrant=False), x)
show(8, recomputed)

# 9 gradient of a gradient penalty
inner, = torch.autograd.grad(f(x), x, create_graph=True)
penalty_slope, = torch.autograd.grad((inner.norm() - 1) ** 2, x)
show(9, penalty_slope)

# 10 an op of your own, its gradient checked
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, t):
        ctx.save_for_backward(t)
        return t ** 3
    @staticmethod
    def backward(ctx, gradient):
        t, = ctx.saved_tensors
        return gradient * 3 * t * t
assert torch.autograd.gradgradcheck(Cube.apply, (x,))
show(10, Cube.apply(x))
