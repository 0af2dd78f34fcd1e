import json

import numpy as np
import pytest

from latentia.data import Schema


def schema(shape, layout):
    return Schema("probe", "memory", "bytes", shape, layout)


@pytest.mark.parametrize(
    ("shape", "layout", "model_shape", "is_image"),
    [
        ((12,), "vector", (12,), False),
        ((5, 7), "hw", (1, 5, 7), True),
        ((5, 7, 3), "hwc", (3, 5, 7), True),
        ((3, 5, 7), "chw", (3, 5, 7), True),
    ],
)
def test_layouts_go_to_the_model_and_back(shape, layout, model_shape, is_image):
    s = schema(shape, layout)
    x = np.arange(4 * np.prod(shape), dtype=np.float32).reshape(4, *shape)
    there = s.to_model(x)
    assert s.model_shape == model_shape
    assert s.is_image is is_image
    assert there.shape == (4, *model_shape)
    assert there.flags.c_contiguous
    back = s.from_model(there)
    assert back.shape == x.shape and back.flags.c_contiguous
    np.testing.assert_array_equal(back, x)
    np.testing.assert_array_equal(s.to_model(x.reshape(4, -1)), there)  # flattened is welcome
    np.testing.assert_array_equal(s.from_model(there.reshape(4, -1)), x)


def test_channels_last_end_up_first():
    x = np.zeros((2, 4, 4, 3), np.uint8)
    x[:, 1, 2, 0] = 9
    assert schema((4, 4, 3), "hwc").to_model(x)[0, 0, 1, 2] == 9


def test_grey_images_may_have_a_channel_axis():
    s = schema((4, 5), "hw")
    x = np.arange(40).reshape(2, 4, 5)
    np.testing.assert_array_equal(s.to_model(x[..., None]), x[:, None])
    np.testing.assert_array_equal(s.to_model(x[:, None]), x[:, None])


@pytest.mark.parametrize(
    ("given", "how"),
    [
        ((2, 32, 32), "--size 28"),
        ((28, 28), "x[None]"),
        ((2, 783), "784 values"),
        ((7,), "784 values"),
        ((), "784 values"),
    ],
)
def test_a_wrong_shape_says_what_was_expected(given, how, refused):
    with refused("(n, 28, 28)", "probe", how):
        schema((28, 28), "hw").to_model(np.zeros(given))


def test_the_message_holds_the_shape_that_was_given(refused):
    with refused("(2, 32, 32)", "probe", ""):
        schema((28, 28), "hw").to_model(np.zeros((2, 32, 32)))
    with refused("(2, 5)", "probe", "likelihood"):
        schema((28, 28), "hw").from_model(np.zeros((2, 5)))


def test_a_schema_survives_json():
    s = Schema(
        "n", "here", "unit", (2,), "vector", ("a", "b"), ("x", "y"), 0.5, -1.0, 2.0, "ff", 0.3
    )
    assert Schema.from_dict(json.loads(json.dumps(s.to_dict()))) == s


def test_a_schema_written_by_a_later_version_is_read():
    written = schema((2,), "vector").to_dict() | {"invented_later": 1}
    assert Schema.from_dict(written) == schema((2,), "vector")
