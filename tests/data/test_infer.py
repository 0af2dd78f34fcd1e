import numpy as np
import pytest

from latentia.data import Data

rng = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        ((12, 5), "vector"),
        ((12, 8, 9), "hw"),
        ((12, 8, 9, 3), "hwc"),
        ((12, 8, 9, 1), "hwc"),
        ((12, 3, 8, 9), "chw"),
        ((12, 4, 8, 9), "chw"),
        ((12, 3, 8, 3), "hwc"),
        ((12, 7, 16, 16), "chw"),
        ((12, 16, 16, 7), "hwc"),
    ],
)
def test_axes_are_told_from_the_shape(shape, layout):
    schema = Data.from_array(rng.normal(size=shape)).schema
    assert (schema.layout, schema.shape) == (layout, shape[1:])


def test_a_guess_about_channels_is_noted():
    assert "7 channels" in Data.from_array(rng.normal(size=(12, 7, 16, 16))).notes[0]


@pytest.mark.parametrize(
    ("x", "what", "how"),
    [
        (np.float64(3), "a single number", "x.reshape(-1, 1)"),
        (np.arange(20.0), "one row of 20 numbers", "x.reshape(-1, 1)"),
        (np.zeros((12, 0)), "empty", "10 examples"),
        (np.zeros((0, 4)), "empty", "10 examples"),
        (rng.normal(size=(5, 4)), "5 examples are too few", "Add examples"),
        (rng.normal(size=(1, 4)), "1 example is too few", "transpose"),
        (rng.normal(size=(12, 8, 8, 8)), "neither vectors nor images", "(n, H, W, C)"),
        (rng.normal(size=(12, 2, 3, 4, 5)), "neither vectors nor images", "Reshape"),
        (np.ones((20, 5, 5)), "All 20 examples are identical", "differ"),
        (np.tile(rng.normal(size=4), (30, 1)), "All 30 examples are identical", "differ"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(x, what, how, refused):
    with refused(what, "memory", how):
        Data.from_array(x)


def test_a_sparse_matrix_is_refused(refused):
    from scipy.sparse import eye

    with refused("sparse", "array", "toarray"):
        Data.from_array(eye(12).tocsr())


def test_arrays_are_c_contiguous_whatever_came_in():
    x = np.asfortranarray(rng.normal(size=(20, 6, 7)))[:, ::-1]
    d = Data.from_array(x)
    assert d.x.flags.c_contiguous and d.x.dtype == np.float32
    np.testing.assert_allclose(d.x, x, rtol=1e-6)


def test_nested_lists_and_tensors_are_arrays():
    import torch

    tensor = torch.randn(12, 3, requires_grad=True)
    d = Data.from_array(tensor)
    np.testing.assert_array_equal(d.x, tensor.detach().numpy())
    assert Data.from_array(tensor.tolist()).schema.shape == (3,)


def test_constant_columns_of_an_array_are_named_and_kept():
    x = rng.normal(size=(20, 5))
    x[:, [1, 3]] = 7
    d = Data.from_array(x)
    assert d.schema.shape == (5,)
    assert "constant: 2 of 5 (1, 3, counted from 0)" in d.notes[0]


@pytest.mark.parametrize(
    ("x", "contrast"),
    [
        (rng.integers(0, 2, (20, 5, 5)).astype(bool), 0.0),
        (rng.choice([0.0, 1.0, 0.5], (9000, 5), p=[0.25, 0.25, 0.5]), 0.5),
        (rng.choice(np.array([0, 51, 255], np.uint8), (9000, 5), p=[0.25, 0.5, 0.25]), 0.32),
        (rng.normal(size=(20, 5)), 0.0),
    ],
)
def test_contrast_is_zero_for_ink_and_high_for_greys(x, contrast):
    assert Data.from_array(x).schema.contrast == pytest.approx(contrast, abs=0.01)


def test_range_and_missing_share_are_measured():
    x = rng.normal(size=(20, 5))
    x[0, 0], x[1, 1], x[2, :] = -9, 11, np.nan
    schema = Data.from_array(x).schema
    assert (schema.low, schema.high) == (-9, 11)
    assert schema.missing == pytest.approx(0.05)


def test_a_data_set_passes_through():
    d = Data.from_array(rng.normal(size=(20, 5)))
    assert Data.from_array(d) is d
    assert Data.from_array(d, np.arange(20) % 2).schema.labels == ("0", "1")
