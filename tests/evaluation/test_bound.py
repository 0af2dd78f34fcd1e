"""The one function behind every reported bound."""

import numpy as np
import pytest
import torch

import latentia as lt
from latentia.evaluation.bound import active_units, bound, per_example
from latentia.view import Examples, View


def test_a_seed_repeats_every_number_and_another_does_not(model, examples):
    one, two, other = (per_example(model, examples, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one.elbo, two.elbo)
    assert not torch.equal(one.elbo, other.elbo)


def test_the_user_s_generator_has_no_say_and_is_left_alone(model, examples):
    torch.manual_seed(1)
    first, state = per_example(model, examples).elbo, torch.get_rng_state()
    torch.manual_seed(2)
    assert torch.equal(per_example(model, examples).elbo, first)
    torch.manual_seed(1)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("prior", ["standard-normal", "mixture"])
def test_the_parts_add_up_with_beta_one(make, examples, prior):
    each = per_example(make(prior=prior), examples)
    torch.testing.assert_close(each.elbo, each.reconstruction - each.kl)
    if prior == "standard-normal":
        torch.testing.assert_close(each.kl_per_dim.sum(-1), each.kl)
    else:
        assert each.kl_per_dim is None
    found = bound(make(prior=prior), examples)
    assert found.elbo == pytest.approx(each.elbo.mean().item(), abs=1e-5)
    assert found.elbo == pytest.approx(found.reconstruction - found.kl, abs=1e-5)


def test_dropout_is_off_and_the_model_stays_in_its_mode(make, examples):
    model = make(dropout=0.5)
    noisy = per_example(model.train(), examples).elbo
    assert model.training
    quiet = per_example(model.eval(), examples).elbo
    assert not model.training
    assert torch.equal(noisy, quiet)


def test_evaluating_does_not_move_a_running_sigma(make):
    model = make(likelihood="gaussian").train()
    before = model.likelihood.log_sigma.clone()
    bound(model, Examples(torch.rand(20, 6), View("unit")))
    assert torch.equal(model.likelihood.log_sigma, before)


def test_the_mean_is_over_examples_however_they_fall_into_batches(model):
    x = torch.rand(501, 6).round()
    x[-1] = 1 - x[-1]
    found = bound(model, Examples(x, View("binary")))
    with torch.no_grad():
        by_hand = model.eval()(x, samples=400).elbo.mean().item()
    assert found.elbo == pytest.approx(by_hand, abs=0.05)
    each = per_example(model, Examples(x, View("binary"))).elbo
    assert found.elbo == pytest.approx(each.double().mean().item(), abs=1e-9)


def test_more_draws_of_z_have_the_same_mean_and_less_noise(model):
    x = Examples(torch.ones(400, 6), View("binary"))
    few, many = (per_example(model, x, samples=k).elbo for k in (1, 64))
    assert few.mean().item() == pytest.approx(many.mean().item(), abs=5 * few.std().item() / 20)
    assert many.std() < few.std() / 4


def test_active_units_are_those_whose_mean_moves_with_x():
    noise = torch.randn(5000, 3, generator=torch.Generator().manual_seed(0))
    mean = 3 + noise * torch.tensor([0.09, 0.11, 1.0])
    assert active_units(mean) == 2
    assert active_units(mean[:, :1]) == 0
    assert active_units(mean[:1]) == 0


@pytest.mark.parametrize(
    "objective",
    [
        {"name": "elbo", "beta": 8.0},
        {"name": "elbo", "warmup": 10.0},
        {"name": "elbo", "free_bits": 3.0},
        {"name": "iwae", "samples": 7},
    ],
    ids=["beta", "warm-up", "free-bits", "iwae"],
)
def test_the_reported_bound_does_not_depend_on_what_was_trained(objective):
    """With steps too small to move a weight, every objective reports the same bound."""
    x = np.random.default_rng(0).integers(0, 2, (60, 6)).astype(np.uint8)

    def reported(wish):
        vae = lt.VAE(
            2,
            objective=wish,
            network={"name": "mlp", "hidden": (8,)},
            max_epochs=1,
            learning_rate=1e-12,
        ).fit(x)
        for row in vae.history_:
            assert row["elbo"] == pytest.approx(row["reconstruction"] - row["kl"], abs=1e-4)
        validated = [row["elbo"] for row in vae.history_ if row["split"] == "validation"]
        return *validated, bound(vae.model_, vae.examples(x)).elbo

    assert reported(objective) == reported("elbo")


def test_noise_reaches_the_encoder_alone(model, examples):
    clean = per_example(model, examples)
    same = per_example(model, examples, corruption=lambda x: x)
    noisy = per_example(model, examples, corruption=lambda x: 1 - x)
    assert torch.equal(clean.elbo, same.elbo)
    assert not torch.allclose(clean.mean, noisy.mean)


def test_the_noisy_bound_is_one_of_the_clean_example(model, examples):
    """With an encoder that sees nothing but zeros, every example has the same q."""
    blind = per_example(model, examples, corruption=torch.zeros_like, samples=200)
    assert torch.allclose(blind.mean, blind.mean[:1].expand_as(blind.mean))
    assert blind.reconstruction.std() > 0.1  # but each its own reconstruction


def test_a_batch_alone_has_the_numbers_that_it_has_among_all(model, examples):
    times = 1 + 1100 // len(examples.stored)
    stored = examples.stored.repeat(times, *[1] * (examples.stored.dim() - 1))[:1100]
    many = Examples(stored, examples.view)
    whole = per_example(model, many, seed=3)
    for batch, rows in enumerate((slice(0, 500), slice(500, 1000), slice(1000, 1100))):
        alone = per_example(model, many, seed=3, batch=batch)
        for name, part in alone._asdict().items():
            among = getattr(whole, name)
            assert part is None if among is None else torch.equal(part, among[rows]), name
