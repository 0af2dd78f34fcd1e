"""scikit-learn's own checks, and why some of them ask for what a VAE should not do."""

import warnings

import numpy as np
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import check_estimator

import latentia as lt

QUICK = {"max_epochs": 1, "network": {"name": "mlp", "hidden": (8,)}, "device": "cpu"}
_WORDS = "our errors have words of their own"
_BY_PLACE = "the noise of an example depends on its place"
EXPECTED = {
    "check_n_features_in_after_fitting": _WORDS,
    "check_complex_data": _WORDS,
    "check_dtype_object": _WORDS,
    "check_estimators_empty_data_messages": _WORDS,
    "check_fit2d_1sample": _WORDS,
    "check_fit2d_predict1d": _WORDS,
    "check_methods_sample_order_invariance": _BY_PLACE,
    "check_methods_subset_invariance": _BY_PLACE,
}


def test_scikit_learns_checks():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(lt.VAE(1, **QUICK), on_fail=None, on_skip=None)
    failed = {check["check_name"] for check in found if check["status"] == "failed"}
    assert failed <= set(EXPECTED), [c for c in found if c["check_name"] in failed - set(EXPECTED)]
    assert len(found) > 40


@pytest.mark.parametrize("cls", [lt.VAE, lt.AutoEncoder])
def test_tags_tell_what_x_may_be(cls):
    tags = cls().__sklearn_tags__()
    assert tags.input_tags.allow_nan
    assert tags.input_tags.two_d_array and tags.input_tags.three_d_array
    assert not tags.input_tags.sparse
    assert not tags.target_tags.required
    assert tags.transformer_tags.preserves_dtype == []


def test_models_are_compared_by_their_log_likelihood():
    x = np.random.default_rng(0).normal(size=(60, 3))
    scores = cross_val_score(lt.VAE(1, **QUICK), x, cv=2)
    assert scores.shape == (2,)
    assert np.isfinite(scores).all()
    with pytest.raises(TypeError, match="score"):
        cross_val_score(lt.AutoEncoder(1, **QUICK), x, cv=2)
