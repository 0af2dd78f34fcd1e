"""Pixel distance: what is cut, what is shifted, and a claim that can fail."""

import numpy as np
import pytest

from latentia.errors import UsageError
from latentia.lab.pixel_distance import PixelDistance, cut, shifted


def test_a_shift_by_whole_pixels_moves_the_image(bench):
    x = bench.some(5).x / 255.0
    np.testing.assert_allclose(shifted(x, 2)[:, 2:, 2:], x[:, :-2, :-2], atol=1e-12)


def test_what_is_cut_is_the_share_of_the_ink_and_in_one_piece(bench):
    x = bench.some(50).x / 255.0
    left = cut(x, 0.2)
    gone = 1 - left.sum((1, 2)) / x.sum((1, 2))
    assert ((gone >= 0.2) & (gone < 0.3)).all()
    assert ((left == x) | (left == 0)).all()


def test_the_claim_is_confirmed_for_half_a_pixel_and_refuted_for_a_hundredth(bench):
    assert PixelDistance(n=200).run(bench).verdict == "confirmed"
    assert PixelDistance(n=200, shift=0.01).run(bench).verdict == "refuted"


def test_the_order_is_that_of_the_gaussian_log_densities(bench):
    finding = PixelDistance(n=50).run(bench)
    x, bad, good = (finding.picture[key].reshape(50, -1) for key in ("x", "bad", "good"))
    for sigma, nats in finding.numbers["nats_by_sigma"].items():
        log_density = [-((x - m) ** 2).sum(1) / (2 * sigma**2) for m in (bad, good)]
        assert nats == pytest.approx((log_density[0] - log_density[1]).mean())
    assert finding.numbers["sigmas_that_flip_the_order"] == 0


@pytest.mark.parametrize("bad", [{"n": 1}, {"piece": 0.0}, {"piece": 1.5}])
def test_options_that_leave_nothing_to_compare_are_refused(bad):
    with pytest.raises(UsageError, match="nothing to compare"):
        PixelDistance(**bad)
