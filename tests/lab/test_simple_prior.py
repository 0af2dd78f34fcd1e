"""The simple prior: the ring, distances of known distributions, and claims that fail."""

import numpy as np
import pytest
import torch
from scipy.stats import energy_distance
from torch import nn

from latentia.errors import UsageError
from latentia.lab import _layers
from latentia.lab._layers import Distances, distances, energy, images_from_normal, layers
from latentia.lab.simple_prior import SimplePrior, checks, ring
from latentia.rng import seeded


def test_the_ring_is_the_one_of_the_text():
    z = np.random.default_rng(0).normal(size=(500, 2))
    length, radius = np.linalg.norm(z, axis=1), np.linalg.norm(ring(z), axis=1)
    np.testing.assert_allclose(radius, 1 + length / 10)
    np.testing.assert_allclose(ring(z) / radius[:, None], z / length[:, None])


def test_the_energy_distance_is_scipys_in_one_dimension_and_zero_for_the_same():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(3000, 1)), rng.normal(0.8, 1.5, size=(3000, 1))
    assert energy(x, y) == pytest.approx(energy_distance(x[:, 0], y[:, 0]) ** 2, rel=0.05)
    same = [energy(rng.normal(size=(50, 3)), rng.normal(size=(50, 3))) for _ in range(200)]
    assert abs(np.mean(same)) < 3 * np.std(same) / 200**0.5


def test_layers_are_z_then_what_the_activations_return_then_the_mean(bench):
    model = bench.model(n_components=2).model_
    z = torch.randn(3, 2)
    found = layers(model, z)
    assert [layer.shape for layer in found] == [(3, 2), (3, 512), (3, 512), (3, 784)]
    with torch.no_grad():
        first, second = model.likelihood.decoder[:2](z), model.likelihood.decoder[:4](z)
        mean = model.likelihood(z).mean.flatten(1)
    for layer, expected in zip(found, (z, first, second, mean), strict=True):
        np.testing.assert_allclose(layer, expected, rtol=1e-6)


def test_a_norm_between_weights_and_activation_is_no_layer_of_its_own(bench):
    class Model:
        evaluating = bench.model(n_components=2).model_.evaluating

        class likelihood(nn.Module):
            decoder = nn.Sequential(nn.Linear(2, 4), nn.LayerNorm(4), nn.Tanh(), nn.Linear(4, 3))

            def __new__(cls, z):
                return torch.distributions.Bernoulli(logits=cls.decoder(z))

    assert [layer.shape[1] for layer in layers(Model, torch.randn(3, 2))] == [2, 4, 3]


class _Decoder(nn.Module):
    """A likelihood whose one hidden layer is a fixed function, and whose mean is that layer."""

    def __init__(self, hidden):
        super().__init__()

        class Hidden(nn.Module):
            def forward(self, z):
                return hidden(z)

        self.decoder = nn.Sequential(nn.Linear(2, 2), Hidden(), nn.Linear(2, 2))
        with torch.no_grad():
            for layer in (self.decoder[0], self.decoder[2]):
                layer.weight.copy_(torch.eye(2))
                layer.bias.zero_()

    def forward(self, z):
        return torch.distributions.Bernoulli(probs=self.decoder(z), validate_args=False)


def _measured(hidden, bench, repeats=4):
    """Return the distances of a made-up decoder whose images are a ring, in 30 dimensions."""
    model = bench.model(n_components=2).model_

    class Model:
        likelihood, prior, evaluating = _Decoder(hidden), model.prior, model.evaluating

    with seeded(0):
        z = torch.randn(2000, 2)
        mix = torch.randn(2, 30).numpy()
        rng = np.random.default_rng(0)
        noise = 0.01 * rng.normal(size=(2000, 30))
        images = ring(z.numpy()) @ mix + noise
        parts = [ring(rng.normal(size=(300, 2))) @ mix for _ in range(repeats)]
        parts = [part + 0.01 * rng.normal(size=part.shape) for part in parts]
        return distances(Model, (z, images), parts, 0)


def test_a_layer_that_makes_the_ring_is_at_the_data_and_one_that_does_nothing_is_not(
    bench, monkeypatch
):
    monkeypatch.setattr(_layers, "_COMPONENTS", 2)
    does = _measured(lambda z: z / 10 + z / z.norm(dim=1, keepdim=True), bench)
    idles = _measured(lambda z: 7.0 * z + 3.0, bench)
    # Scale and position count for nothing, and the first layer is as normal as z.
    np.testing.assert_allclose(np.ptp(idles.normal, axis=1), 0, atol=1e-6)
    assert abs(idles.normal.mean()) < 0.01
    np.testing.assert_allclose(np.ptp(idles.data, axis=1), 0, atol=1e-2)
    assert (does.normal[:, 1] > 0.03).all()
    np.testing.assert_allclose(does.data[:, 0], idles.data[:, 0], rtol=1e-6)
    assert does.data[:, 1].mean() < 0.6 * does.data[:, 0].mean()


def test_images_are_held_against_normal_like_a_layer():
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(3, 10))
    normal = [rng.normal(size=(800, 3)) @ mix for _ in range(5)]
    rings = [ring(rng.normal(size=(800, 3))) @ mix for _ in range(5)]
    assert abs(images_from_normal(normal[1:], normal[0], 3).mean()) < 0.01
    assert images_from_normal(rings[1:], rings[0], 3).mean() > 0.015


def test_it_measures_the_decoder_of_the_bench(bench):
    finding = SimplePrior(repeats=2).run(bench)
    numbers = finding.numbers
    assert numbers["layers"] == ["z", "layer 1", "layer 2", "output"]
    assert numbers["ring"]["mean_radius"] == pytest.approx(1 + np.sqrt(np.pi / 2) / 10, abs=0.01)
    assert numbers["spread_of_the_misprint"]["mean"] > 0.4  # as printed elsewhere: no ring
    assert numbers["spread_of_the_normal"]["mean"] == pytest.approx(0.5227, abs=0.02)
    to_data = {name: each["mean"] for name, each in numbers["to_data"]["trained"].items()}
    assert to_data["z"] > to_data["layer 1"]


def _repeats(*means):
    return np.random.default_rng(0).normal(means, 0.01, size=(10, len(means)))


def _distances(normal=(0, 0.1, 0.3, 0.2), data=(1, 0.4, 0.2, 0.2)):
    return Distances(_repeats(*normal), _repeats(*data))


IDLE = ((0, 0, 0, 0), (1, 0.8, 0.8, 0.8))


@pytest.mark.parametrize(
    ("spread", "trained", "untrained", "verdict"),
    [
        (0.06, (), IDLE, "confirmed"),
        (0.5, (), IDLE, "refuted"),  # no ring
        (0.06, ((0, 0.1, -0.2, 0.2),), IDLE, "refuted"),  # nearer to normal than z
        (0.06, (), ((0, 0, 0.5, 0), IDLE[1]), "refuted"),  # less than without training
        (0.06, (_distances().normal[0], (1, 0.9, 0.2, 0.2)), IDLE, "refuted"),  # the last does it
        (0.06, (), (IDLE[0], (1, 0.2, 0.8, 0.8)), "refuted"),  # better without training
        (0.06, ((0, 0.1, 0.3, 0.2), (1, 0.4, 0.6, 0.2)), IDLE, "refuted"),  # away again
    ],
)
def test_every_part_of_the_claim_can_fail(spread, trained, untrained, verdict):
    rng = np.random.default_rng(1)
    spreads = rng.normal(spread, 0.001, 10)
    found = checks(spreads, _distances(*trained), _distances(*untrained))
    seen = [check.verdict for check in found]
    assert ("refuted" if "refuted" in seen else "confirmed") == verdict
    assert seen.count("refuted") <= 2


@pytest.mark.parametrize("bad", [{"latents": 1}, {"repeats": 1}])
def test_options_that_leave_nothing_to_compare_are_refused(bad):
    with pytest.raises(UsageError, match="nothing to compare"):
        SimplePrior(**bad)
