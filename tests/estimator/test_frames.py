"""Data frames: which columns the model was fitted on, and a warning of those that it was not."""

import warnings

import numpy as np
import pyarrow as pa
import pytest

import latentia as lt

QUICK = {"max_epochs": 1, "network": {"name": "mlp", "hidden": (8,)}}
rng = np.random.default_rng(0)
NUMBERS = {"a": rng.normal(size=40), "b": rng.normal(size=40)}
OTHERS = {"id": np.arange(40), "city": ["Seoul", "Berlin", "서울", "x"] * 10, "flat": np.ones(40)}


def test_columns_that_are_left_out_are_warned_of():
    with pytest.warns(UserWarning, match="left out of the model: 'id', 'city', 'flat'") as said:
        vae = lt.VAE(1, **QUICK).fit(pa.table({**NUMBERS, **OTHERS}))
    assert "identifier" in str(said[0].message) and said[0].filename == __file__
    assert vae.feature_names_in_.tolist() == ["a", "b"]


def test_nothing_is_warned_of_where_nothing_is_left_out(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vae = lt.VAE(1, **QUICK).fit(pa.table(NUMBERS))
        again = lt.load(vae.save(tmp_path / "run"))
        np.testing.assert_array_equal(again.feature_names_in_, np.array(["a", "b"], object))
        assert len(again.feature_names_in_) == again.n_features_in_
        vae.fit(np.stack(list(NUMBERS.values()), axis=1))
    assert not hasattr(vae, "feature_names_in_")
