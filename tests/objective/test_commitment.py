"""The bound with what holds encoder and codebook together."""

import pytest
import torch

from latentia import room
from latentia.errors import UsageError
from latentia.objective.commitment import VQVAE

ROOMS = {"prior": {"name": "categorical", "choices": 3}}


def words(**options):
    return {"name": "vector-quantized", "choices": 3, "width": 2, **options}


@pytest.mark.parametrize("codebook", ["average", "loss"])
def test_it_is_the_elbo_less_the_distances_from_the_words(model_of, codebook):
    model = model_of(5, 12, posterior=words(codebook=codebook), spread=0.5, **ROOMS)
    x = torch.rand(8, 5).round().double()
    objective = VQVAE(commitment=0.4)
    terms = objective.terms(model, x)
    q = model.posterior(x)
    away = (q.encoded - model.posterior.embedded(q.mean)).square().sum(-1)
    price = 0.4 * away if codebook == "average" else 1.4 * away
    torch.testing.assert_close(objective(terms), terms.elbo - price)
    torch.testing.assert_close(terms.elbo, model(x).elbo)  # in which none of it is


def test_the_price_of_an_example_is_its_own_whatever_the_batch(model_of):
    model = model_of(5, 12, posterior=words(), spread=0.5, **ROOMS)
    x = torch.rand(8, 5).round().double()
    objective = VQVAE()
    whole = objective(objective.terms(model, x))
    torch.testing.assert_close(objective(objective.terms(model, x[2:5])), whole[2:5])


def test_a_codebook_goes_with_it_and_nothing_else_does(model_of, says):
    there = model_of(5, 12, posterior=words(), **ROOMS)
    levels = model_of(5, 12, posterior={"name": "scalar-quantized", "choices": 3}, **ROOMS)
    VQVAE().require(there)
    for objective in ("elbo", "iwae", "score-function"):
        with pytest.raises(UsageError) as caught:
            room.build("objective", objective).require(there)
        says(caught.value, "words of a codebook", "--objective commitment")
    for model in (levels, model_of(5, 2)):
        with pytest.raises(UsageError) as caught:
            VQVAE().require(model)
        says(caught.value, "has none", "--posterior vector-quantized")
    room.build("objective", "elbo").require(levels)
    with pytest.raises(UsageError, match="always 0"):
        room.build("objective", "score-function").require(levels)


def test_a_price_is_a_number_from_0():
    with pytest.raises(UsageError, match="commitment"):
        VQVAE(commitment=-1.0)
