"""The stand-in models, as a fixture: test folders are no packages."""

import importlib.util
import sys
from pathlib import Path

import pytest


def _load():
    name = "latentia_figure_stand_in"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, Path(__file__).with_name("stand_in.py")
        )
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def stand_in():
    return _load()


@pytest.fixture(params=["digits-2", "photographs", "table", "autoencoder", "mixture"])
def subject(request, stand_in):
    return stand_in.SUBJECTS[request.param]()


@pytest.fixture
def image_of():
    """Return the pixels of the only picture on a panel."""

    def image(ax):
        (shown,) = ax.images
        return shown.get_array()

    return image


@pytest.fixture
def tick_labels():
    def labels(axis):
        return [label.get_text() for label in axis.get_ticklabels() if label.get_text()]

    return labels
