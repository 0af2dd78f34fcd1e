"""Structural similarity, held against the definition written with scipy."""

import numpy as np
import pytest
import torch
from scipy.ndimage import correlate

from latentia.distribution.ms_ssim import WEIGHTS, Likeness, ms_ssim, scales_of


def by_definition(x, y, scales, window):
    """Return MS-SSIM of two images (H, W), with windows as two-dimensional arrays."""
    a = np.arange(window) - window // 2
    w = np.exp(-(a[:, None] ** 2 + a[None, :] ** 2) / (2 * 1.5**2))
    w /= w.sum()
    r = window // 2

    def mean(v):
        return correlate(v, w, mode="constant")[r:-r, r:-r]

    exponents = np.array(WEIGHTS[:scales]) / sum(WEIGHTS[:scales])
    found = 1.0
    for j in range(scales):
        if j:
            x, y = (
                v[: len(v) // 2 * 2, : v.shape[1] // 2 * 2]
                .reshape(len(v) // 2, 2, -1, 2)
                .mean((1, 3))
                for v in (x, y)
            )
        mx, my = mean(x), mean(y)
        # Centred moments at every place, not differences of squares.
        vx, vy, cov = np.zeros_like(mx), np.zeros_like(mx), np.zeros_like(mx)
        for i, k in np.ndindex(mx.shape):
            px, py = x[i : i + window, k : k + window], y[i : i + window, k : k + window]
            vx[i, k] = (w * (px - mx[i, k]) ** 2).sum()
            vy[i, k] = (w * (py - my[i, k]) ** 2).sum()
            cov[i, k] = (w * (px - mx[i, k]) * (py - my[i, k])).sum()
        l = (2 * mx * my + 0.01**2) / (mx**2 + my**2 + 0.01**2)  # noqa: E741
        cs = (2 * cov + 0.03**2) / (vx + vy + 0.03**2)
        found *= (cs if j < scales - 1 else l * cs).mean() ** exponents[j]
    return found


@pytest.mark.parametrize(
    ("size", "scales", "window"),
    [((28, 28), 2, 11), ((28, 28), 3, 7), ((25, 31), 2, 11), ((12, 17), 1, 11), ((90, 91), 4, 11)],
)
def test_it_is_what_the_paper_defines(size, scales, window):
    rng = np.random.default_rng(0)
    x = rng.random((3, *size))
    smooth = correlate(x, np.ones((1, 5, 5)) / 25, mode="wrap")
    y = np.clip(smooth + 0.1 * rng.standard_normal(x.shape), 0, 1)
    found = ms_ssim(torch.tensor(smooth), torch.tensor(y), scales=scales, window=window)
    expected = np.mean(
        [by_definition(a, b, scales, window) for a, b in zip(smooth, y, strict=True)]
    )
    assert found.item() == pytest.approx(expected, abs=1e-10)
    assert 0.1 < expected < 0.95
    single = found.new_tensor(0) + ms_ssim(
        torch.tensor(smooth).float(), torch.tensor(y).float(), scales=scales, window=window
    )
    assert single.item() == pytest.approx(expected, abs=1e-4)


def test_the_same_image_is_as_like_as_can_be():
    torch.manual_seed(0)
    x = torch.rand(4, 3, 28, 28).double()
    torch.testing.assert_close(ms_ssim(x, x, scales=2), torch.ones(4).double())
    assert (ms_ssim(x, x.flip(-1), scales=2) < 0.9).all()
    y = torch.rand(4, 3, 28, 28).double()
    torch.testing.assert_close(ms_ssim(x, y, scales=2), ms_ssim(y, x, scales=2))


def test_opposites_are_as_unlike_as_can_be():
    """Their structure is below zero, of which there is no power."""
    torch.manual_seed(0)
    x = torch.rand(1, 28, 28).double()
    assert ms_ssim(x, 1 - x, scales=1).item() == pytest.approx(1e-4, rel=1e-12)


def test_two_constants_differ_in_luminance_alone():
    x, y = torch.full((1, 12, 12), 0.25).double(), torch.full((1, 12, 12), 0.75).double()
    expected = (2 * 0.25 * 0.75 + 1e-4) / (0.25**2 + 0.75**2 + 1e-4)
    assert ms_ssim(x, y, scales=1).item() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_gradients_are_finite_even_where_nothing_has_a_structure(kind):
    shape = (1, 28, 28)
    flat = [torch.zeros(shape), torch.ones(shape), torch.full(shape, 0.5)]
    torch.manual_seed(0)
    noise = torch.rand(shape)
    # The opposite of noise has a structure below zero, of which there is no power.
    images = [v.to(kind) for v in (*flat, noise, 1 - noise, 1 - torch.eye(28)[None])]
    for x in images:
        for y in images:
            y = y.clone().requires_grad_()
            found = ms_ssim(x, y, scales=2)
            found.backward()
            assert found.isfinite() and -1e-5 <= found.item() <= 1 + 1e-5
            assert y.grad.isfinite().all()


def test_its_gradient_is_that_of_finite_differences():
    torch.manual_seed(0)
    x, y = torch.rand(2, 1, 14, 14).double(), torch.rand(2, 1, 14, 14).double()
    y = (0.7 * x + 0.3 * y).requires_grad_()
    assert torch.autograd.gradcheck(lambda v: ms_ssim(x, v, scales=2, window=7), y)


def test_products_of_bfloat16_do_not_reach_it():
    torch.manual_seed(0)
    x, y = torch.rand(2, 1, 28, 28), torch.rand(2, 1, 28, 28)
    exact = ms_ssim(x, y, scales=2)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(ms_ssim(x, y, scales=2), exact)


@pytest.mark.parametrize(
    ("size", "window", "scales"),
    [
        ((28, 28), 11, 2),
        ((28, 28), 7, 3),
        ((10, 50), 11, 0),
        ((176, 500), 11, 5),
        ((21, 90), 11, 1),
    ],
)
def test_there_are_as_many_scales_as_a_window_fits_in(size, window, scales):
    assert scales_of(*size, window) == scales


def test_a_cost_is_nothing_for_the_picture_and_grows_with_the_weight():
    torch.manual_seed(0)
    picture, x = torch.rand(3, 4, 1, 12, 12), torch.rand(4, 1, 12, 12)
    one, ten = (Likeness(picture, weight=w, scales=1, window=11) for w in (1.0, 10.0))
    assert one.log_prob(x).shape == (3, 4)
    torch.testing.assert_close(ten.log_prob(x), 10 * one.log_prob(x))
    torch.testing.assert_close(one.log_prob(picture), torch.zeros(3, 4), rtol=0, atol=1e-5)
    assert (one.log_prob(x) < -0.1).all()
    assert one.sample((5,)).equal(picture.expand(5, -1, -1, -1, -1, -1)) and one.mean is picture
