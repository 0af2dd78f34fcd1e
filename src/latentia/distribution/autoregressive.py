"""Images whose pixels come one after the other, each given those in a window before it."""

from __future__ import annotations

from typing import NamedTuple, final

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints
from torch.nn.functional import conv2d, linear, pad, relu

from latentia.distribution.pixel import Pixel
from latentia.errors import UsageError
from latentia.rng import seeded

__all__ = ["Autoregressive", "Context"]

# Numbers of the hidden maps that are made at once where no gradient is asked for.
_AT_ONCE = 1 << 23
# The key of the noise that all images share that are drawn to be compared.
_ALIKE = 0xA11E


class Context(NamedTuple):
    r"""The weights by which a pixel depends on those before it, and on what z says of the place.

    .. math:: h_0 = K * x_{<i} + A\, g_i(z) + a, \quad
        h_{l+1} = h_l + B_l \max(0, h_l) + b_l, \quad
        \text{numbers}_i = n_i(z) + V \max(0, h)

    Arguments:
        kernel: K, (C, F, C, rows, columns): for each channel, zero on what is not before it. The
            last row is the pixel's own, the middle column too.
        inward: A, (F, G).
        bias: a, (F,).
        inner: B and b of each layer, ((F, F), (F,)).
        outward: V, (P, F).
    """

    kernel: Tensor
    inward: Tensor
    bias: Tensor
    inner: tuple[tuple[Tensor, Tensor], ...]
    outward: Tensor

    def from_image(self, x: Tensor) -> Tensor:
        """Return K * x of x (..., C, H, W) at every place, (..., H, W, C, F)."""
        channels, features, _, rows, columns = self.kernel.shape
        flat = pad(x.reshape(-1, *x.shape[-3:]), (columns // 2, columns // 2, rows - 1, 0))
        # Features stand last, where products are quick.
        weight = self.kernel.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        found = conv2d(flat.contiguous(memory_format=torch.channels_last), weight)
        return found.movedim(1, -1).reshape(*x.shape[:-3], *x.shape[-2:], channels, features)

    def from_latents(self, g: Tensor) -> Tensor:
        """Return A g + a of g (..., G, C, H, W), (..., H, W, C, F)."""
        return linear(g.movedim((-4, -3), (-1, -2)), self.inward, self.bias)

    def numbers(self, h: Tensor) -> Tensor:
        """Return what h_0 (..., F) adds to the numbers, (..., P)."""
        for weight, bias in self.inner:
            h = h + linear(relu(h), weight, bias)
        return linear(relu(h), self.outward)


@final
class Autoregressive(Distribution):
    r"""An image x pixel by pixel, row by row; within a pixel channel by channel.

    .. math:: \log p(x|z) = \sum_i \log p(x_i | x_{<i}, z)

    log p is one pass for all pixels at once, for all are known; a draw takes a pass for each, of
    that pixel alone. There is no closed form of the mean.

    Arguments:
        numbers: P numbers of each pixel from z alone, (..., P, \*event).
        g: G numbers that go into the context, (..., G, \*event).
        pixel: What a pixel is.
        context: The weights, or None: then pixels are independent given z.
        ndims: Dimensions of an event: 3 (C, H, W), or 1, which is read as one line.

    References:
        van den Oord et al., "Pixel recurrent neural networks", 2016; Gulrajani et al., "PixelVAE",
        2017; Chen et al., "Variational lossy autoencoder", 2017.

    Example:
        >>> from latentia.distribution.pixel import BlackOrWhite
        >>> p = Autoregressive(torch.zeros(4, 1, 5), torch.zeros(4, 0, 5), BlackOrWhite(), None, 1)
        >>> p.log_prob(torch.ones(4, 5))  # 5 log(1/2)
        tensor([-3.4657, -3.4657, -3.4657, -3.4657])
    """

    arg_constraints = {"numbers": constraints.real_vector}  # noqa: RUF012

    def __init__(
        self, numbers: Tensor, g: Tensor, pixel: Pixel, context: Context | None, ndims: int
    ) -> None:
        event = numbers.shape[-ndims:]
        whole = (1, 1, *event) if ndims == 1 else event
        batch = numbers.shape[: -1 - ndims]
        self.plain = numbers.reshape(*batch, numbers.shape[-1 - ndims], *whole)
        self.g = g.reshape(*batch, g.shape[-1 - ndims], *whole)
        self.pixel, self.context, self.whole = pixel, context, torch.Size(whole)
        super().__init__(batch, event, validate_args=False)

    @property
    def mean(self) -> Tensor:
        """There is none in closed form.

        Raises:
            UsageError: always.
        """
        raise UsageError(
            "An autoregressive p(x|z) has no mean in closed form.",
            how="Draw from it with `sample`, or look at `draw_alike`.",
        )

    def given(self, value: Tensor) -> Distribution:
        """Return p(x_i | x_<i, z) of every pixel, where what is before it is that of value.

        Arguments:
            value: Images, (..., *event).

        Returns:
            A distribution of single pixels, of the shape to which value and batch broadcast; a
            line is an image of one row.
        """
        x = self._as_image(value)
        return self._given(self.plain, self.g, self._seen(x))

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log p(value) in nats, of the shape to which value and batch broadcast."""
        x = self._as_image(value)
        seen = self._seen(x)
        parts = self._parts(x.ndim - 3)
        if seen is None or parts == 1:
            return _summed(self._given(self.plain, self.g, seen), x)
        alike = x.ndim == self.plain.ndim - 1 and len(x) == len(self.plain)
        found = []
        for here in torch.arange(len(self.plain)).chunk(parts):
            own = slice(int(here[0]), int(here[-1]) + 1)
            p = self._given(self.plain[own], self.g[own], seen[own] if alike else seen)
            found.append(_summed(p, x[own] if alike else x))
        return torch.cat(found)

    def _as_image(self, value: Tensor) -> Tensor:
        leading = value.shape[: value.ndim - len(self.event_shape)]
        return value.reshape(*leading, *self.whole)

    def _seen(self, x: Tensor) -> Tensor | None:
        return None if self.context is None else self.context.from_image(x)

    def _parts(self, leading: int) -> int:
        """Return in how many parts a batch is scored, so that the hidden maps stay small.

        What is kept for a gradient is kept whole.
        """
        batch = self.batch_shape
        if torch.is_grad_enabled() or not batch or leading > len(batch) or self.context is None:
            return 1
        hidden = len(self.context.bias) * batch.numel() * self.whole.numel()
        return max(1, -(-hidden // _AT_ONCE))

    def _given(self, plain: Tensor, g: Tensor, seen: Tensor | None) -> Distribution:
        if self.context is not None and seen is not None:
            more = self.context.numbers(seen + self.context.from_latents(g)).movedim(-2, -4)
            # Products may be of bfloat16; what is made of them never is.
            return self.pixel.distribution(plain.movedim(-4, -1) + more.to(plain.dtype))
        return self.pixel.distribution(plain.movedim(-4, -1))

    @torch.no_grad()
    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw images, (*sample_shape, *batch, *event), pixel by pixel."""
        size, rows = torch.Size(sample_shape), self.batch_shape.numel()
        which = torch.arange(size.numel() * rows, device=self.plain.device) % max(1, rows)
        drawn = [self._drawn(part, self._noise(len(part))) for part in which.split(self._at_once)]  # type: ignore[no-untyped-call]
        return torch.cat(drawn).reshape(*size, *self.batch_shape, *self.event_shape)

    @torch.no_grad()
    def draw_alike(self) -> Tensor:
        """Draw one image for each of the batch, all from the same noise, which is always the same.

        So what differs between two of them is what z says, and the same z gives the same image
        wherever it stands.
        """
        with seeded(0, _ALIKE):
            noise = torch.rand(1, self.whole.numel(), self.pixel.uniforms).to(self.plain)
        which = torch.arange(self.batch_shape.numel(), device=self.plain.device)
        drawn = [self._drawn(part, noise) for part in which.split(self._at_once)]  # type: ignore[no-untyped-call]
        return torch.cat(drawn).reshape(*self.batch_shape, *self.event_shape)

    @property
    def _at_once(self) -> int:
        """How many images are drawn at once."""
        features = 1 if self.context is None else len(self.context.bias)
        return max(1, _AT_ONCE // (features * self.whole.numel()))

    def _noise(self, n: int) -> Tensor:
        shape = (n, self.whole.numel(), self.pixel.uniforms)
        return torch.rand(shape, dtype=self.plain.dtype, device=self.plain.device)

    def _drawn(self, which: Tensor, noise: Tensor) -> Tensor:
        """Draw images (n, *whole) of n rows of the batch, from uniform noise (n or 1, D, k)."""
        plain = self.plain.reshape(-1, *self.plain.shape[-4:])[which].movedim(1, -1)
        n, (channels, height, width) = len(which), self.whole
        if self.context is None:
            flat = plain.reshape(n, -1, plain.shape[-1])
            return self.pixel.draw(flat, noise).reshape(n, *self.whole)
        plain = plain.reshape(n, channels, height * width, -1)
        g = self.g.reshape(-1, *self.g.shape[-4:])[which]
        said = self.context.from_latents(g).flatten(1, 2)  # (n, H W, C, F)
        kernel = self.context.kernel.flatten(2)  # (C, F, C rows columns)
        _, _, _, above, across = self.context.kernel.shape
        x = plain.new_zeros(n, channels, height + above - 1, width + across - 1)
        noise = noise.reshape(-1, channels, height * width, noise.shape[-1])
        for place in range(height * width):
            i, j = divmod(place, width)
            for c in range(channels):
                window = x[:, :, i : i + above, j : j + across].reshape(n, -1)
                h = window @ kernel[c].T + said[:, place, c]
                numbers = plain[:, c, place] + self.context.numbers(h)
                drawn = self.pixel.draw(numbers, noise[:, c, place])
                x[:, c, i + above - 1, j + across // 2] = drawn
        return x[:, :, above - 1 :, across // 2 : across // 2 + width]


def _summed(p: Distribution, x: Tensor) -> Tensor:
    each: Tensor = p.log_prob(x)
    return each.flatten(-3).sum(-1)
