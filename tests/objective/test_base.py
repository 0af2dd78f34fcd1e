"""What an objective asks of a posterior: several draws only of one that has them."""

import pytest
import torch

from latentia import room
from latentia.errors import UsageError

SINGLE = [
    (2, {"posterior": "dirac"}),
    (2, {"posterior": "dirac", "prior": "flat"}),
    (12, {"posterior": {"name": "scalar-quantized", "choices": 3},
          "prior": {"name": "categorical", "choices": 3}}),
]  # fmt: skip
DRAWN = [
    (2, {}),
    (6, {"posterior": {"name": "categorical", "choices": 3},
         "prior": {"name": "categorical", "choices": 3}}),
]  # fmt: skip
SEVERAL = ["iwae", "piwae", "ciwae", "dreg", {"name": "elbo", "samples": 3},
           {"name": "iwae", "samples": 1, "groups": 4},
           {"name": "sticking-the-landing", "samples": 2}]  # fmt: skip


def weights(model, draws=5):
    torch.manual_seed(0)
    with torch.no_grad():
        return model(torch.rand(4, 5).round().double(), samples=draws).log_w


@pytest.mark.parametrize("objective", SEVERAL, ids=str)
@pytest.mark.parametrize(("latents", "parts"), SINGLE, ids=str)
def test_draws_that_are_all_the_same_are_refused(model_of, says, latents, parts, objective):
    model, made = model_of(5, latents, spread=0.5, **parts), room.build("objective", objective)
    log_w = weights(model)
    assert torch.equal(log_w, log_w[:1].expand_as(log_w))
    with pytest.raises(UsageError) as caught:
        made.require(model)
    says(caught.value, f"{made.samples} draws", "where: --objective", "mend:", "gaussian")


@pytest.mark.parametrize(("latents", "parts"), SINGLE, ids=str)
def test_a_single_draw_is_enough_of_a_single_code(model_of, latents, parts):
    for objective in ("elbo", {"name": "iwae", "samples": 1}):
        room.build("objective", objective).require(model_of(5, latents, **parts))


@pytest.mark.parametrize(("latents", "parts"), DRAWN, ids=str)
def test_draws_that_differ_are_several(model_of, latents, parts):
    model = model_of(5, latents, spread=0.5, **parts)
    assert (weights(model).std(0) > 0).all()
    for objective in SEVERAL:
        made = room.build("objective", objective)
        if not made.path_only:
            made.require(model)


@pytest.mark.parametrize(
    ("objective", "flag", "least"),
    [
        ({"name": "iwae", "samples": 0}, "--objective.samples", 1),
        ({"name": "iwae", "groups": -2}, "--objective.groups", 1),
        ({"name": "score-function", "samples": 1}, "--objective.samples", 2),
        ({"name": "mmd", "kl": -3.0}, "--objective.kl", 0),
        ({"name": "mmd", "weight": float("nan")}, "--objective.weight", 0),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_one_that_can(says, objective, flag, least):
    with pytest.raises(UsageError) as caught:
        room.build("objective", objective)
    says(caught.value, f"where: {flag}", f"mend:  Use {flag} {least} or more.")
