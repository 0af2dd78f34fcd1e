"""What speaks against holding the numbers of two runs against each other."""

import pytest

from latentia.comparable import apart, footing, told
from latentia.run import Run


@pytest.fixture(scope="module")
def config(inked_run):
    return Run(inked_run).config()


def changed(config, **parts):
    """Return a configuration in which some fields of its parts are others."""
    found = {name: getattr(config, name).model_copy(update=new) for name, new in parts.items()}
    return config.model_copy(update=found)


def test_a_run_stands_on_the_same_as_itself(config):
    here = footing(config, "test")
    assert apart(here, here) == []
    # Another posterior, or more latents, are what one compares.
    assert apart(here, footing(changed(config, model={"latent_dim": 9}), "test")) == []


@pytest.mark.parametrize(
    ("parts", "name", "word"),
    [
        ({"data": {"n_test": 1}}, "parts", "other parts of the data"),
        ({"model": {"binarize": "none"}}, "binarization", "another binarization"),
    ],
)
def test_what_differs_is_named(config, parts, name, word):
    here = footing(config, "test")
    assert apart(here, footing(changed(config, **parts), "test")) == [name]
    assert told([name]) == [word]


def test_a_score_is_held_against_no_likelihood(config):
    scored = config.model_copy(update={"no_likelihood": "x is grey", "estimator": "AutoEncoder"})
    found = apart(footing(config, "test"), footing(scored, "test"))
    assert found == ["is_likelihood", "encodes_points"]


def test_other_data_and_another_split_are_told(config):
    schema = {**config.data.data_schema, "sha256": "another", "sha256_x": []}
    here, there = footing(config, "test"), footing(
        changed(config, data={"data_schema": schema}), "validation"
    )  # fmt: skip
    assert apart(here, there) == ["examples", "split"]
    vague = {**there, "tells_x": False}
    assert apart(here, vague) == ["older", "split"]
    assert told(["older"])[0].startswith("other data, or a run of a version")
