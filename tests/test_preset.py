"""Every preset is a set of options that `latentia train` takes."""

import numpy as np
import pytest

from latentia import preset, room
from latentia.command._training import _plan
from latentia.command.train import ROOMS, _finish, _merge
from latentia.data import Data
from latentia.design import assemble
from latentia.errors import UsageError
from latentia.request import DataRequest
from latentia.session import prepare


@pytest.fixture(scope="module")
def digits():
    rng = np.random.default_rng(0)
    x = np.where(rng.random((30, 28, 28)) < 0.13, 250, 3).astype(np.uint8)
    return Data.from_array(x, np.arange(30) % 10)


@pytest.mark.parametrize("name", preset.names())
def test_its_options_are_known_and_make_a_model(name, digits):
    options = _finish(_merge(preset.load(name), {}, name))
    asked = {part: options.pop(part, None) for part in ("size", "validation", "test")}
    conditions = options.pop("condition", ())
    plan = _plan(options, "cpu", conditional=bool(conditions))
    session = prepare(digits.under(conditions), plan, DataRequest(**asked))
    assert assemble(session.config.model) is not None
    for key, value in preset.load(name).items():
        if key in ROOMS and isinstance(value, dict) and "name" in value:
            assert value["name"] in room.names(key)


@pytest.mark.parametrize("name", preset.names())
def test_it_says_what_it_is_in_one_sentence(name):
    text = preset.describe(name)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) > 20


def test_the_tutorials_code_is_the_tutorials_code():
    found = preset.load("tensorflow-mnist-vae")
    assert found["network"] == {
        **{"name": "mlp", "hidden": [500, 500], "activation": "elu,tanh", "dropout": 0.1}
    }
    assert (found["latent_dim"], found["epochs"], found["batch_size"]) == (20, 20, 128)
    assert (found["binarize"], found["likelihood"]["name"]) == ("none", "bernoulli")


def test_an_unknown_one_is_refused_with_the_nearest(says):
    with pytest.raises(UsageError) as caught:
        preset.load("tensorflow-mnist")
    says(caught.value, "no preset called", "Did you mean 'tensorflow-mnist-vae", "There are:")


def test_the_list(latentia):
    said = latentia("train", "--list-presets", "--json")
    assert set(said.json) == set(preset.names())
    assert "autoencoder" in latentia("train", "--list-presets").out
