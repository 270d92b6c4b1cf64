# SPDX-License-Identifier: Apache-2.0
# The ten tasks in JAX, written from its documentation and not run here.
import jax
import jax.numpy as jnp
from jax.test_util import check_grads

jax.config.update("jax_enable_x64", True)


def show(task, *values):
    print(f"{task}:", *(f"{number:.4f}" for value in values for number in jnp.ravel(value)))


def f(t):
    return jnp.sum(jnp.tanh(t) * t)


def g(t):
    return jnp.tanh(t * t)


x = jnp.array([1, 2, -0.5])
v = jnp.array([0.5, -1, 2])

# 1 gradient
slope = jax.grad(f)(x)
show(1, slope)

# 2 print the graph
print(jax.make_jaxpr(f)(x))

# 3 Jᵀu
pulled, = jax.vjp(g, x)[1](v)
show(3, pulled)

# 4 a gradient for each example
per_example = jax.vmap(jax.grad(lambda t: jnp.tanh(jnp.sum(t * t))))(x.reshape(3, 1))
show(4, per_example)

# 5 sixth derivative of tanh
h = jnp.tanh
for _ in range(6):
    h = jax.grad(h)
sixth = h(0.5)
show(5, sixth)

# 6 J·v
tangent = jax.jvp(g, (x,), (v,))[1]
show(6, tangent)

# 7 H·v
curvature = jax.jvp(jax.grad(f), (x,), (v,))[1]
show(7, curvature)

# 8 recompute instead of keep
recomputed = jax.grad(jax.checkpoint(f))(x)
show(8, recomputed)

# 9 gradient of a gradient penalty
penalty = lambda t: (jnp.linalg.norm(jax.grad(f)(t)) - 1) ** 2
penalty_slope = jax.grad(penalty)(x)
show(9, penalty_slope)

# 10 an op of your own, its gradient checked
@jax.custom_vjp
def cube(t):
    return t ** 3
cube.defvjp(lambda t: (t ** 3, t), lambda t, gradient: (gradient * 3 * t * t,))
check_grads(cube, (x,), order=2, modes=["rev"])
show(10, cube(x))
