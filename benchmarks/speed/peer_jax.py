"""The peer that is hardest to beat: a hand-written JAX loop, a whole epoch in one jit.

Matrix products in float32 or bfloat16 with float32 results, float32 weights and moments,
`lax.scan` over the batches; the data stay on the device.
"""

import json
import os
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax

# The type of the products' operands: whichever is faster on the machine at hand.
KIND = jnp.dtype(os.environ.get("PEER_KIND", "float32"))
SIZES = ((784, 500), (500, 500), (500, 40), (20, 500), (500, 500), (500, 784))


def product(x, w, b):
    """Return x w + b: operands of the product in KIND, its sums in float32."""
    x, w = x.astype(KIND), w.astype(KIND)
    return jnp.matmul(x, w, preferred_element_type=jnp.float32) + b


def loss(weights, x, key):
    """Return -ELBO in nats, the cross-entropy of grey pixels plus the KL."""
    e1, e2, e3, d1, d2, d3 = weights
    h = jax.nn.silu(product(jax.nn.silu(product(x, *e1)), *e2))
    mean, log_scale = jnp.split(product(h, *e3), 2, axis=-1)
    scale = jnp.exp(log_scale)
    z = mean + scale * jax.random.normal(key, mean.shape)
    logits = product(jax.nn.silu(product(jax.nn.silu(product(z, *d1)), *d2)), *d3)
    cross = (jax.nn.softplus(logits) - x * logits).sum(-1)
    kl = (0.5 * (mean**2 + scale**2 - 1) - log_scale).sum(-1)
    return (cross + kl).mean()


def main(path: str, batch: int, epochs: int) -> None:
    """Train, and print a line of JSON for every epoch."""
    began = time.perf_counter()
    images = jnp.asarray(np.load(path).reshape(-1, 784))
    steps = len(images) // batch
    rng = np.random.default_rng(0)
    weights = [
        (jnp.asarray(rng.uniform(-1, 1, s).astype("f4") / s[0] ** 0.5), jnp.zeros(s[1]))
        for s in SIZES
    ]
    adam = optax.adam(1e-3)
    state = adam.init(weights)

    @jax.jit
    def epoch(weights, state, key):
        order = jax.random.permutation(key, len(images))[: steps * batch].reshape(steps, batch)

        def step(carry, inputs):
            weights, state = carry
            rows, key = inputs
            x = images[rows].astype(jnp.float32) / 255
            value, gradient = jax.value_and_grad(loss)(weights, x, key)
            update, state = adam.update(gradient, state)
            return (optax.apply_updates(weights, update), state), value

        keys = jax.random.split(key, steps)
        (weights, state), values = jax.lax.scan(step, (weights, state), (order, keys))
        return weights, state, values.mean()

    for number in range(epochs):
        started = time.perf_counter() if number else began
        weights, state, value = epoch(weights, state, jax.random.key(number))
        value = float(value)
        seconds = time.perf_counter() - started
        print(json.dumps({"seconds": seconds, "negative_elbo": value}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
