"""The peer that is hardest to beat: a hand-written JAX loop, a whole epoch in one jit.

Products in float32 or bfloat16 with float32 results, float32 weights and moments, `lax.scan` over
the batches; the data stay on the device.
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
SIZES = {
    "mlp": ((784, 500), (500, 500), (500, 40), (20, 500), (500, 500), (500, 784)),
    "iwae": ((784, 200), (200, 200), (200, 100), (50, 200), (200, 200), (200, 784)),
    # Height, width, in, out of a kernel.
    "conv": (
        (3, 3, 1, 32),
        (3, 3, 32, 64),
        (3, 3, 64, 64),
        (1024, 256),
        (256, 40),
        (20, 256),
        (256, 1024),
        (3, 3, 64, 64),
        (3, 3, 64, 32),
        (3, 3, 32, 32),
        (3, 3, 32, 1),
    ),
}


def product(x, w, b):
    """Return x w + b: operands of the product in KIND, its sums in float32."""
    x, w = x.astype(KIND), w.astype(KIND)
    return jnp.matmul(x, w, preferred_element_type=jnp.float32) + b


def conv(x, w, b, stride=1):
    """Return the convolution of x (B, H, W, C), with a border of one pixel of zeros."""
    axes = ("NHWC", "HWIO", "NHWC")
    x = jax.lax.conv_general_dilated(
        x.astype(KIND), w.astype(KIND), (stride, stride), ((1, 1), (1, 1)), dimension_numbers=axes
    )
    return x.astype(jnp.float32) + b


def enlarged(x, side):
    """Return x (B, H, W, C) at twice its size or one less, by nearest neighbours."""
    rows = jnp.arange(side) * x.shape[1] // side
    return x[:, rows][:, :, rows]


def encoded(weights, x, model):
    """Return mean and log scale of q(z|x)."""
    if model == "conv":
        c1, c2, c3, d1, d2 = weights
        x = x.reshape(-1, 28, 28, 1)
        for w in (c1, c2, c3):
            x = jax.nn.silu(conv(x, *w, stride=2))
        both = product(jax.nn.silu(product(x.reshape(len(x), -1), *d1)), *d2)
    else:
        act = jnp.tanh if model == "iwae" else jax.nn.silu
        e1, e2, e3 = weights
        both = product(act(product(act(product(x, *e1)), *e2)), *e3)
    return jnp.split(both, 2, axis=-1)


def decoded(weights, z, model):
    """Return logits (..., 784)."""
    if model == "conv":
        d1, d2, *convolutions, last = weights
        h = jax.nn.silu(product(jax.nn.silu(product(z, *d1)), *d2)).reshape(-1, 4, 4, 64)
        for side, w in zip((7, 14, 28), convolutions, strict=True):
            h = jax.nn.silu(conv(enlarged(h, side), *w))
        return conv(h, *last).reshape(len(z), 784)
    act = jnp.tanh if model == "iwae" else jax.nn.silu
    d1, d2, d3 = weights
    return product(act(product(act(product(z, *d1)), *d2)), *d3)


def loss(weights, x, key, model):
    """Return -ELBO, or minus the bound of 50 samples, in nats: cross-entropy of grey pixels."""
    parts = 5 if model == "conv" else 3
    mean, log_scale = encoded(weights[:parts], x, model)
    shape = (50, *mean.shape) if model == "iwae" else mean.shape
    noise = jax.random.normal(key, shape)
    z = mean + jnp.exp(log_scale) * noise
    logits = decoded(weights[parts:], z, model)
    cross = (jax.nn.softplus(logits) - x * logits).sum(-1)
    if model == "iwae":
        log_w = (log_scale + 0.5 * (noise**2 - z**2)).sum(-1) - cross
        return -(jax.nn.logsumexp(log_w, 0) - jnp.log(50)).mean()
    kl = (0.5 * (mean**2 + jnp.exp(2 * log_scale) - 1) - log_scale).sum(-1)
    return (cross + kl).mean()


def main(path: str, batch: int, epochs: int) -> None:
    """Train, and print a line of JSON for every epoch."""
    began = time.perf_counter()
    model = os.environ.get("BENCH_MODEL", "mlp")
    images = jnp.asarray(np.load(path).reshape(-1, 784))
    steps = len(images) // batch
    rng = np.random.default_rng(0)
    weights = [
        (
            jnp.asarray(rng.uniform(-1, 1, s).astype("f4") / np.prod(s[:-1]) ** 0.5),
            jnp.zeros(s[-1]),
        )
        for s in SIZES[model]
    ]
    adam = optax.adam(1e-3)
    state = adam.init(weights)

    @jax.jit
    def step(carry, inputs):
        weights, state = carry
        rows, key = inputs
        x = images[rows].astype(jnp.float32) / 255
        value, gradient = jax.value_and_grad(loss)(weights, x, key, model)
        update, state = adam.update(gradient, state)
        return (optax.apply_updates(weights, update), state), value

    def epoch(weights, state, key):
        order = jax.random.permutation(key, len(images))[: steps * batch].reshape(steps, batch)
        inputs = (order, jax.random.split(key, steps))
        if (
            model == "conv"
        ):  # in a scan XLA's convolutions run on one thread, a hundred times slower
            values, carry = [], (weights, state)
            for each in zip(*inputs, strict=True):
                carry, value = step(carry, each)
                values.append(value)
            return *carry, jnp.stack(values).mean()
        return scanned(weights, state, inputs)

    @jax.jit
    def scanned(weights, state, inputs):
        (weights, state), values = jax.lax.scan(step, (weights, state), inputs)
        return weights, state, values.mean()

    for number in range(epochs):
        started = time.perf_counter() if number else began
        weights, state, value = epoch(weights, state, jax.random.key(number))
        value = float(value)
        seconds = time.perf_counter() - started
        print(json.dumps({"seconds": seconds, "negative_elbo": value}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
