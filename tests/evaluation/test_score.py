"""What a score is: one rule, whoever asks."""

import pytest

from latentia.evaluation.score import POINT, SINGLE, Score, score_of

CODES = {
    "posterior": {"name": "scalar-quantized", "choices": 3},
    "prior": {"name": "categorical", "choices": 3},
}
WORDS = CODES | {"posterior": {"name": "vector-quantized", "choices": 3}}
CHOICES = CODES | {"posterior": {"name": "categorical", "choices": 3}}


@pytest.mark.parametrize(
    ("latents", "parts", "words"),
    [
        (2, {}, "log p(x)"),
        (6, CHOICES, "log p(x)"),
        (6, CODES, "ELBO"),
        (6, WORDS, "ELBO"),
        (2, {"posterior": "dirac"}, "reconstruction"),
    ],
)
def test_it_is_the_bound_where_q_has_a_single_draw(model_of, latents, parts, words):
    what = score_of(model_of(5, latents, **parts))
    assert what.words == words and what.is_estimated is (words == "log p(x)")
    reasons = {"log p(x)": "", "ELBO": SINGLE, "reconstruction": POINT}
    assert what.why == reasons[words]


def test_it_is_the_bound_where_nats_are_no_likelihood(model_of):
    what = score_of(model_of(5, 2), "a Bernoulli is no density of greys")
    assert what == Score("elbo", "a Bernoulli is no density of greys")
