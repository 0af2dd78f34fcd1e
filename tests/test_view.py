"""The step from stored examples to x: exact binarization, supports and moments."""

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli

from latentia.errors import UsageError
from latentia.rng import seeded
from latentia.view import Examples, View


@pytest.mark.parametrize("level", [1, 128, 254])
def test_a_grey_level_is_white_with_probability_k_over_255(level):
    n, p = 400_000, level / 255
    with seeded(level):
        x = View("bytes", "dynamic")(torch.full((n,), level, dtype=torch.uint8))
    assert set(x.unique().tolist()) <= {0, 1}
    assert x.dtype == torch.float32
    assert x.mean().item() == pytest.approx(p, abs=4 * (p * (1 - p) / n) ** 0.5)


@pytest.mark.parametrize(("level", "value"), [(0, 0), (255, 1)])
def test_paper_and_ink_never_change(level, value):
    x = View("bytes", "dynamic")(torch.full((200_000,), level, dtype=torch.uint8))
    assert (x == value).all()


def test_whether_cells_are_missing_is_known_of_the_whole_set():
    whole = torch.zeros(2500, 2)
    holed = whole.clone()
    holed[2400, 1] = torch.nan
    assert Examples(whole, View("real")).complete
    assert not Examples(holed, View("real")).complete
    assert Examples(torch.zeros(3, 2, dtype=torch.uint8), View("bytes")).complete


def test_a_grey_float_is_white_with_its_own_probability():
    n = 400_000
    with seeded(0):
        x = View("unit", "dynamic")(torch.tensor([0.0, 0.3, 1.0]).expand(n, 3))
    assert x[:, 0].max() == 0 and x[:, 2].min() == 1
    assert x[:, 1].mean().item() == pytest.approx(0.3, abs=4 * (0.21 / n) ** 0.5)


def test_every_read_draws_anew_and_a_seed_repeats_it():
    grey = Examples(torch.full((20, 50), 100, dtype=torch.uint8), View("bytes", "dynamic"))
    rows = torch.arange(20)
    assert not torch.equal(grey.read(rows), grey.read(rows))
    one, two, other = (torch.cat(list(grey.batches(seed, 8))) for seed in (3, 3, 4))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_a_threshold_cuts_at_one_half():
    levels = torch.tensor([0, 127, 128, 255], dtype=torch.uint8)
    assert View("bytes", "threshold")(levels).tolist() == [0, 0, 1, 1]
    assert View("unit", "threshold")(torch.tensor([0.49, 0.5])).tolist() == [0, 1]


def test_without_binarization_values_keep_their_meaning():
    levels = torch.tensor([0, 51, 255], dtype=torch.uint8)
    assert View("bytes")(levels).tolist() == pytest.approx([0, 0.2, 1])
    assert View("binary")(torch.tensor([0, 1], dtype=torch.uint8)).tolist() == [0, 1]
    assert View("real")(torch.tensor([-3.0, 7.0])).tolist() == [-3, 7]


@pytest.mark.parametrize("binarize", ["dynamic", "threshold", "none"])
def test_binary_data_are_the_same_in_every_view(binarize):
    stored = torch.tensor([0, 1, 1, 0], dtype=torch.uint8)
    view = View("binary", binarize)
    assert view(stored).tolist() == [0, 1, 1, 0]
    assert view.support == "binary"


@pytest.mark.parametrize("binarize", ["dynamic", "threshold", "none"])
def test_a_missing_cell_stays_missing(binarize):
    seen = View("unit", binarize)(torch.tensor([[0.0, torch.nan, 1.0]]))
    assert seen.isnan().tolist() == [[False, True, False]]


@pytest.mark.parametrize("binarize", ["dynamic", "threshold"])
def test_real_numbers_refuse_to_be_binarized(binarize):
    with pytest.raises(UsageError, match="none"):
        View("real", binarize)


@pytest.mark.parametrize(
    ("kind", "binarize", "support"),
    [
        ("bytes", "none", "levels"),
        ("unit", "none", "unit"),
        ("real", "none", "real"),
        ("bytes", "dynamic", "binary"),
        ("unit", "threshold", "binary"),
    ],
)
def test_the_support_is_that_of_x_not_of_the_file(kind, binarize, support):
    assert View(kind, binarize).support == support


def test_batches_give_every_example_once_in_order():
    stored = torch.arange(10.0).reshape(10, 1)
    examples = Examples(stored, View("real"), index=np.array([7, 1, 1, 4]))
    assert len(examples) == 4 and examples.x_shape == (1,)
    assert torch.cat(list(examples.batches(0, rows=3))).flatten().tolist() == [7, 1, 1, 4]


def test_moments_are_of_the_grey_values_and_of_the_set_s_own_rows():
    rng = np.random.default_rng(0)
    stored, rows = rng.integers(0, 256, (2500, 3), dtype=np.uint8), np.arange(0, 2500, 2)
    examples = Examples(torch.from_numpy(stored), View("bytes", "dynamic"), rows)
    mean, std = examples.moments()
    np.testing.assert_allclose(mean, (stored[rows] / 255).mean(0), rtol=1e-6)
    np.testing.assert_allclose(std, (stored[rows] / 255).std(0), rtol=1e-6)


def test_moments_leave_missing_cells_out():
    stored = np.random.default_rng(0).normal(50, 2, (300, 3)).astype(np.float32)
    stored[::3, 1] = np.nan
    mean, std = Examples(torch.from_numpy(stored), View("real")).moments()
    np.testing.assert_allclose(mean, np.nanmean(stored, 0, dtype=np.float64), rtol=1e-6)
    np.testing.assert_allclose(std, np.nanstd(stored, 0, dtype=np.float64), rtol=1e-4)


def test_the_entropy_of_a_draw_is_that_of_its_pixels():
    p = torch.tensor([[0.0, 0.5, 1.0, 0.2], [torch.nan, 0.5, 0.5, 0.5]])
    found = Examples(p, View("unit", "dynamic")).draw_entropy()
    by_hand = Bernoulli(torch.tensor([0.5, 0.2, 0.5, 0.5, 0.5])).entropy().sum().item() / 2
    assert found == pytest.approx(by_hand, abs=1e-6)
    levels = torch.tensor([[51]], dtype=torch.uint8)
    assert Examples(levels, View("bytes", "dynamic")).draw_entropy() == pytest.approx(
        Bernoulli(torch.tensor(0.2)).entropy().item(), abs=1e-6
    )
    for view in (View("unit"), View("unit", "threshold"), View("binary", "dynamic")):
        assert Examples(p[:1], view).draw_entropy() == 0
