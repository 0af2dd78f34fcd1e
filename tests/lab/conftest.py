"""A bench of real digits whose models are trained for a moment only, and shared by all tests."""

import pytest

from latentia.lab import bench as make_bench


@pytest.fixture(scope="session")
def bench(tmp_path_factory):
    return make_bench("mnist5k", cache=tmp_path_factory.mktemp("lab"), steps=150)
