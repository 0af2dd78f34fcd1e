"""The autoencoder against the VAE: distances in closed form, and a claim that can fail."""

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal, kl_divergence

from latentia.errors import UsageError
from latentia.lab._bench import Part
from latentia.lab._classifier import scores
from latentia.lab._latents import (
    displacement,
    jeffreys,
    kl_to_prior,
    mean_over_pairs,
    mean_over_seeds,
    mmd_to_prior,
    mmd_under_prior,
    unmatched,
)
from latentia.lab.ae_vs_vae import AeVsVae, Seen


def cloud(n=2000, seed=0):
    return np.random.default_rng(seed).standard_normal((n, 2))


def turned(z, angle=0.7):
    return z @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def test_mmd_of_a_wider_normal_is_that_of_the_closed_form():
    s, h = 9.0, 4.0  # variance, and bandwidth squared
    exact = h / (h + 2 * s) - 2 * h / (h + s + 1) + h / (h + 2)
    assert mmd_to_prior(3 * cloud(), bandwidth=2.0) == pytest.approx(exact, abs=0.01)


def test_mmd_of_the_prior_itself_is_zero_on_average():
    null = mmd_under_prior(50, 2, np.random.default_rng(0))
    assert abs(null.mean()) < 4 * null.std() / len(null) ** 0.5
    assert mmd_to_prior(cloud(50) + 0.7) > np.quantile(null, 0.95)


def test_kl_of_fitted_normals_is_that_of_torch():
    a, b = cloud() * [1, 3] + 1, turned(cloud(seed=1) * [0.5, 2])

    def fitted(z):
        return MultivariateNormal(torch.tensor(z.mean(0)), torch.tensor(np.cov(z.T)))

    prior = MultivariateNormal(torch.zeros(2).double(), torch.eye(2).double())
    assert kl_to_prior(a) == pytest.approx(kl_divergence(fitted(a), prior).item())
    both = [kl_divergence(fitted(p), fitted(q)).item() for p, q in ((a, b), (b, a))]
    assert jeffreys(a, b) == pytest.approx(np.mean(both))


def test_a_turn_displaces_and_leaves_nothing_unmatched():
    z = cloud()
    assert displacement(z, z + np.array([3, 4])) == pytest.approx(5 / 2**0.5, rel=0.05)
    assert displacement(z, turned(z)) > 0.5
    assert unmatched(z, 5 * turned(z) + 1) == pytest.approx(0, abs=1e-9)
    assert unmatched(z, cloud(seed=1)) == pytest.approx(1, abs=0.01)


def test_errors_over_seeds_and_pairs_are_those_of_repeats():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(400):
        own = rng.normal(size=6)
        pairs = np.array([own[i] + own[j] for i in range(6) for j in range(i + 1, 6)])
        found.append((*mean_over_seeds(own), *mean_over_pairs(pairs)))
    own, own_error, pair, pair_error = np.array(found).T
    # Student's t of 5 degrees is 2.571: so much wider than two standard errors.
    assert own_error.mean() == pytest.approx(own.std() * 2.571 / 2, rel=0.15)
    assert pair_error.mean() == pytest.approx(pair.std() * 2.571 / 2, rel=0.15)


def test_information_is_the_log_of_the_classes_only_if_clear_and_of_all():
    clear = np.eye(10)
    assert scores(clear)["information"] == pytest.approx(np.log(10))
    assert scores(clear)["sure"] == scores(clear)["confidence"] == 1
    one, unclear = clear[[0] * 10], np.full((10, 10), 0.1)
    assert scores(one)["information"] == pytest.approx(0)
    assert scores(unclear)["information"] == pytest.approx(0)
    assert scores(unclear)["entropy"] == pytest.approx(np.log(10))
    uneven = scores(np.eye(2)[[0, 0, 0, 1]])
    assert uneven["information"] == pytest.approx(2 * np.log(2) - 0.75 * np.log(3))


class Imagined:
    """A bench whose trainings are imagined: clouds that stay, and clouds that grow and wander."""

    seed = 0

    def __init__(self, bench, still="VAE"):
        self.some, self.still, self.epochs = bench.some, still, bench.epochs
        self.train = Part(bench.train.x[:500], bench.train.y[:500])

    def watch(self, look, kind, n, **options):
        rng, still = np.random.default_rng(options["random_state"]), kind == self.still
        z = cloud(100) * (1 if still else rng.uniform(3, 9, 2))
        p = np.eye(10) if still else np.full((10, 10), 0.1)
        seen = []
        for epoch in range(1, 5):
            z = z + rng.normal(size=z.shape) * (0.001 if still else 3)
            seen.append(Seen(epoch, z, z, p, np.zeros((12, 28, 28)), p))
        return seen


def test_a_region_that_stays_confirms_and_one_that_wanders_refutes(bench):
    experiment = AeVsVae(seeds=5, n=100)
    right = experiment.run(Imagined(bench))
    assert [check.verdict for check in right.checks] == ["confirmed"] * 7
    wrong = experiment.run(Imagined(bench, still="AutoEncoder"))
    assert [check.verdict for check in wrong.checks] == ["refuted"] * 7
    assert len(experiment.draw(right).axes) == 11


def test_on_digits_every_training_is_looked_at(bench):
    found = AeVsVae(seeds=3, n=100).run(bench)
    assert found.numbers["epochs"] == [1, 2]
    assert np.shape(found.numbers["VAE"]["kl"]) == (3, 2)
    assert min(check.value for check in found.checks[:2]) > 0
    assert 0.6 < found.numbers["classifier_accuracy"] < 1
    first, second = found.picture["seen"]["VAE"][:2]
    assert not np.array_equal(first[-1].means, second[-1].means)
    assert not np.array_equal(first[-1].means, first[-1].latents)


@pytest.mark.parametrize("bad", [{"seeds": 2}, {"n": 10}])
def test_too_few_trainings_or_images_are_refused(bad):
    with pytest.raises(UsageError, match="no error of a mean"):
        AeVsVae(**bad)
