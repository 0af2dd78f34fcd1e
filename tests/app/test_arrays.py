"""A header is believed as far as the bytes behind it go."""

import io

import numpy as np
import pytest
from numpy.lib import format as npy

from latentia.app.arrays import as_npy, from_npy
from latentia.app.problems import Refused


def written(header, data=b""):
    file = io.BytesIO()
    npy.write_array_header_1_0(file, header)
    return file.getvalue() + data


def lying(shape, descr="<f4", data=b""):
    return written({"descr": descr, "fortran_order": False, "shape": shape}, data)


@pytest.mark.parametrize("dtype", ["u1", "i8", "f2", "<f4", ">f4", "f8", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_come_as_they_were_written(dtype, order):
    x = np.asarray(np.arange(24).reshape(4, 3, 2), dtype=dtype, order=order)
    np.testing.assert_array_equal(from_npy(as_npy(x), 10), x)


def refused(content, rows=10):
    with pytest.raises(Refused) as caught:
        from_npy(content, rows)
    return caught.value


@pytest.mark.parametrize(
    "x",
    [
        np.array([[1 + 2j]]),
        np.array([["a"]]),
        np.zeros(2, dtype=[("a", "f4")]),
        np.array(["2020-01-01"], dtype="M8[D]"),
        np.array([1.0], dtype=np.longdouble),
    ],
    ids=lambda x: x.dtype.str,
)
def test_what_are_no_numbers(x):
    error = refused(as_npy(x))
    assert error.status == 422 and error.where == "dtype"


def test_nothing_is_unpickled():
    class Evil:
        def __reduce__(self):
            return (pytest.fail, ("unpickled",))

    file = io.BytesIO()
    np.save(file, np.array([Evil()], dtype=object), allow_pickle=True)
    assert refused(file.getvalue()).status == 422


def test_a_header_that_promises_too_much_allocates_nothing():
    assert refused(lying((2**40, 2**20)), rows=2**41).status == 400
    assert refused(lying((10**6, 3))).where == "shape"
    assert refused(lying((2, 3), data=b"\0" * 23)).status == 400
    assert refused(lying((2, 3), data=b"\0" * 25)).status == 400


@pytest.mark.parametrize("shape", [(), (0, 3), (3, 0), (-1, 3), (1,) * 9])
def test_shapes_that_hold_no_rows(shape):
    assert refused(lying(shape)).status == 422


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        b"\x93NUMPY\x01\x00\xff\xff",
        b"\x93NUMPY\x09\x00" + b"x" * 50,
        b"PK\x03\x04" + b"\0" * 99,
        b"\x93NUMPY\x01\x00\x20\x00" + b"__import__('os').getcwd()       ",
        b"\x93NUMPY\x02\x00\xff\xff\xff\x7f" + b"(" * 500,
        b"\x93NUMPY\x02\x00\x10\x27\x00\x00" + b"(" * 10_000,
    ],
)
def test_what_is_no_such_file(content):
    assert refused(content).status == 400
