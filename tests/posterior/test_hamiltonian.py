"""The Hamiltonian posterior in a model: a true bound, unbiased weights and a smaller gap."""

import copy
import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from tests.known import LinearGaussian, build
from torch import nn

import latentia as lt
from latentia import room
from latentia.data import Data
from latentia.design import Wishes, assemble, decide
from latentia.errors import UsageError
from latentia.evaluation.aggregate import aggregate
from latentia.evaluation.bound import bound
from latentia.evidence.exact import Exact
from latentia.evidence.quadrature import Quadrature
from latentia.model import LatentVariableModel
from latentia.session import DataRequest, Plan, prepare
from latentia.training.settings import Settings
from latentia.view import Examples, View

HMC = {"name": "hamiltonian", "steps": 4, "length": 0.3, "temperature": 2.0}


@pytest.fixture(scope="module")
def linear():
    """Probabilistic PCA, whose log p(x) is known, with a q that is not its posterior."""
    known = LinearGaussian().spoil()
    posterior = build(HMC).posterior
    posterior.load_state_dict(known.model.posterior.state_dict(), strict=False)
    model = LatentVariableModel(posterior, known.model.prior, known.model.likelihood)
    return model.eval(), known.x[:6], known.evidence[:6].detach()


def drawn(model, x, samples=40_000, seed=0):
    torch.manual_seed(seed)
    with torch.no_grad():
        return model(x, samples=samples)


@pytest.mark.parametrize("steps", [1, 4, 9])
def test_the_mean_weight_is_p_of_x_and_the_elbo_is_below_its_logarithm(linear, steps, monkeypatch):
    model, x, evidence = linear
    monkeypatch.setattr(model.posterior, "steps", steps)
    terms = drawn(model, x)
    weight = (terms.log_w - evidence).exp()
    error = weight.std(0) / len(weight) ** 0.5
    assert ((weight.mean(0) - 1).abs() < 4.5 * error).all() and (error < 0.02).all()
    sampled = terms.log_qz_x - terms.log_pz
    assert ((terms.kl - sampled.mean(0)).abs() < 4.5 * sampled.std(0) / len(sampled) ** 0.5).all()
    away = terms.log_w.std(0) / len(weight) ** 0.5
    assert (terms.elbo < evidence - 4 * away).all()
    rungs = [terms.log_w.reshape(k, -1, 6).logsumexp(0).mean(0) - math.log(k) for k in (1, 5, 50)]
    assert all((b > a).all() for a, b in pairwise(rungs))
    assert (rungs[-1] < evidence + 0.01).all()


def test_what_is_dropped_elsewhere_would_be_seen(linear):
    """Without the momenta's part the gain of potential energy would pass for likelihood."""
    model, x, evidence = linear
    torch.manual_seed(0)
    with torch.no_grad():
        q = model.posterior(x)
        z = q.rsample((40_000,))
        torch.manual_seed(0)
        u, noise = torch.randn(2, *z.shape, dtype=z.dtype)
        _, momentum = q.move(u, q.dynamics.heat * noise)
        dropped = 0.5 * (momentum.square() - noise.square()).sum(-1)
        log_w = model.log_joint(x, z) - q.log_prob(z)
    false = (log_w + dropped).logsumexp(0) - math.log(len(z))
    assert ((false - evidence).abs() > 0.05).any()


def test_importance_sampling_comes_to_the_closed_form(linear):
    model, x, evidence = linear
    torch.manual_seed(0)
    found = room.build("evidence", {"name": "importance", "samples": 20_000})(model, x)
    assert ((found.log_likelihood - evidence).abs() < 5 * found.error + 1e-6).all()
    assert (found.error < 0.02).all() and (found.ladder.diff(dim=0) > 0).all()
    exact = Exact()(model, x)
    torch.testing.assert_close(exact.log_likelihood, evidence, rtol=0, atol=1e-6)


def test_estimators_that_need_no_density_agree(linear):
    model, x, evidence = linear
    torch.manual_seed(0)
    annealed = {"name": "annealed", "temperatures": 60, "chains": 32}
    for estimator in (annealed, {"name": "quadrature"}):
        found = room.build("evidence", estimator)(model, x)
        assert ((found.log_likelihood - evidence).abs() < 6 * found.error + 2e-3).all(), estimator


class Bent(nn.Module):
    """A decoder that sees z_2 + z_1^2: p(z|x) is a banana."""

    def forward(self, z):
        return (z[:, 1] + z[:, 0].square())[:, None, None]


def banana(posterior, steps=250):
    """Return the gap of a posterior that was trained on one x, and its error."""
    torch.manual_seed(0)
    offer = {"network": room.build("network", "linear"), "x_shape": (1,), "latent_dim": 2}
    fixed = {"name": "gaussian", "sigma": "fixed"}
    parts = {"posterior": posterior, "prior": "standard-normal", "likelihood": fixed}
    model = LatentVariableModel(*(room.build(k, v, **offer) for k, v in parts.items())).double()
    model.likelihood.decoder = Bent()
    with torch.no_grad():
        model.likelihood.bias.zero_()
        model.likelihood.log_sigma.fill_(math.log(0.4))
        model.posterior.head.weight.zero_()
        model.posterior.head.bias.copy_(torch.tensor([0.5, 0.5, -0.5, -0.5]))
    x = torch.tensor([[1.5]]).double()
    optimizer = torch.optim.Adam(model.posterior.parameters(), 0.02)
    for _ in range(steps):
        optimizer.zero_grad()
        (-model(x, samples=64).elbo.mean()).backward()
        optimizer.step()
    model.eval()
    evidence = Quadrature(tolerance=1e-4)(model, x).log_likelihood
    log_w = drawn(model, x, 20_000).log_w
    assert log_w.logsumexp(0) - math.log(len(log_w)) < evidence + 0.1
    return (evidence - log_w.mean(0)).item(), (log_w.std() / len(log_w) ** 0.5).item()


def test_on_a_banana_the_gap_is_smaller_than_the_gaussian_s():
    (plain, error), (one, _) = banana("gaussian"), banana({**HMC, "steps": 1})
    four, its_error = banana(HMC)
    assert plain > 0.7 and error < 0.02 and its_error < 0.02
    assert 0.02 < one < plain - 0.03
    assert 0.02 < four < plain - 0.08


def test_exact_dynamics_without_tempering_leave_the_bound_where_it_was(linear):
    """They keep energy, so that log w is that of z_0: what is gained is gained by cooling."""
    model, x, _ = linear
    posterior = build({**HMC, "steps": 40, "length": 0.01, "temperature": 1.0}).posterior
    assert posterior.hotter is None
    posterior.load_state_dict(model.posterior.state_dict(), strict=False)
    with torch.no_grad():
        posterior.length.fill_(math.log(0.01 / 0.99))
    still = LatentVariableModel(posterior, model.prior, model.likelihood).eval()
    torch.manual_seed(0)
    with torch.no_grad():
        q = posterior(x)
        z = q.rsample((50,))
        log_w = still.log_joint(x, z) - q.log_prob(z)
        torch.manual_seed(0)
        u = torch.randn(2, *z.shape, dtype=z.dtype)[0]
        start = q.loc + q.scale * u
        normal = torch.distributions.Normal(q.loc, q.scale)
        unmoved = still.log_joint(x, start) - normal.log_prob(start).sum(-1)
        potential = still.log_joint(x, z) - still.log_joint(x, start)
    assert (z - start).abs().max() > 0.1 and potential.abs().max() > 1
    torch.testing.assert_close(log_w, unmoved, rtol=0, atol=0.05)


def test_the_elbo_s_gradient_is_that_of_finite_differences():
    model, _ = trained_on_bits()
    model = model.double()
    x = (torch.rand(3, 4, generator=torch.Generator().manual_seed(0)) < 0.5).double()

    def elbo():
        torch.manual_seed(4)
        return model(x, samples=2).elbo.sum()

    names, parameters = zip(*model.named_parameters(), strict=True)
    slopes = torch.autograd.grad(elbo(), parameters)
    for name, parameter, slope in zip(names, parameters, slopes, strict=True):
        flat, along = parameter.data.view(-1), torch.randn(parameter.numel()).double()
        values = []
        for step in (1e-5, -1e-5):
            flat += step * along
            values.append(elbo().item())
            flat -= step * along
        expected = (values[0] - values[1]) / 2e-5
        assert (slope.flatten() @ along).item() == pytest.approx(expected, rel=1e-4, abs=1e-6), (
            name
        )
        assert slope.any(), name


def trained_on_bits(posterior=HMC):
    x = (torch.rand(40, 4, generator=torch.Generator().manual_seed(0)) < 0.5).numpy().astype("u1")
    network = {"name": "mlp", "hidden": (6,), "activation": "tanh"}
    wishes = Wishes(latent_dim=2, network=network, posterior=posterior, binarize="none")
    design, _ = decide(Data.from_array(x).schema, wishes)
    model = assemble(design)
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.3 * torch.randn_like(parameter)
    return model, torch.as_tensor(x).float()


def test_the_reported_bound_is_the_mean_of_log_w():
    model, x = trained_on_bits()
    examples = Examples(x, View("binary"))
    found = bound(model, examples, seed=1)
    again = bound(model, examples, seed=1)
    assert found == again
    assert found.elbo == pytest.approx(found.reconstruction - found.kl, abs=1e-5)
    assert found.kl_per_dim is None
    many = drawn(model.eval(), x, 2000).log_w
    assert found.elbo == pytest.approx(many.mean().item(), abs=5 * many.std().item() / 40**0.5)


def test_missing_cells_are_left_out_of_the_dynamics_too(linear):
    model, x, _ = linear
    model, x = copy.deepcopy(model), x.clone()
    x[:, 2] = torch.nan
    with torch.no_grad():
        model.posterior.head.bias[2:] += 1.0  # as wide as what is not seen leaves it
    evidence = Exact()(model, x).log_likelihood
    weight = (drawn(model, x).log_w - evidence).exp()
    error = weight.std(0) / len(weight) ** 0.5
    assert ((weight.mean(0) - 1).abs() < 4.5 * error).all() and (error < 0.05).all()


def test_a_copy_is_moved_by_its_own_decoder_and_a_saved_one_by_what_was_saved():
    model, x = trained_on_bits()
    other = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in model.likelihood.parameters():
            parameter.zero_()
    before, after = drawn(other, x, 2), drawn(model, x, 2)
    assert not torch.equal(before.z, after.z)
    fresh, _ = trained_on_bits({**HMC, "length": 0.9})
    fresh.load_state_dict(other.state_dict())
    assert torch.equal(drawn(fresh, x, 2).log_w, before.log_w)
    assert not [key for key in model.state_dict() if "joint" in key]


def test_nothing_is_adapted_to_a_batch_on_the_way(monkeypatch):
    """The optimal sigma is that of where draws end, once in a step."""
    model = build(HMC, likelihood={"name": "gaussian", "sigma": "optimal"}).train()
    calls, adapt = [], type(model.likelihood).adapt
    monkeypatch.setattr(
        type(model.likelihood), "adapt", lambda *given: calls.append(1) or adapt(*given)
    )
    model(torch.randn(5, 6).double()).elbo.sum().backward()
    assert calls == [1]


def test_it_trains_from_the_front_door_and_comes_back(inked, tmp_path):
    vae = lt.VAE(n_components=2, variational="hamiltonian", max_epochs=2, random_state=0).fit(
        inked
    )
    assert np.isfinite(vae.elbo(inked).elbo).all()
    vae.save(tmp_path / "run")
    again = lt.load(tmp_path / "run", device="cpu")
    assert (again.score_samples(inked[:5], 20) == vae.score_samples(inked[:5], 20)).all()
    assert (again.transform(inked) == vae.transform(inked)).all()
    with pytest.raises(UsageError, match="moved by p\\(z\\)"):
        vae.fit_prior(inked, "mixture")


class TestRefused:
    def test_options_that_cannot_be(self):
        offer = {"network": room.build("network", "linear"), "x_shape": (4,), "latent_dim": 2}
        for options in (
            *({"steps": 0}, {"length": 0.0}, {"length": 1.0}),
            *({"temperature": 0.5}, {"temperature": math.inf}, {"temperature": math.nan}),
        ):
            with pytest.raises(UsageError, match="Hamiltonian dynamics cannot"):
                room.build("posterior", {"name": "hamiltonian", **options}, **offer)

    def test_a_posterior_of_no_model(self):
        offer = {"network": room.build("network", "linear"), "x_shape": (4,), "latent_dim": 2}
        alone = room.build("posterior", "hamiltonian", **offer)
        with pytest.raises(UsageError, match="is in no model"):
            alone(torch.zeros(3, 4)).sample()

    @pytest.mark.parametrize(
        "objective", ["score-function", "dreg", "sticking-the-landing", "piwae"]
    )
    def test_objectives_that_take_log_q_apart(self, objective, says):
        model, _ = trained_on_bits()
        with pytest.raises(UsageError) as caught:
            room.build("objective", objective).require(model)
        says(caught.value, "posterior", "--objective elbo or iwae")

    @pytest.mark.parametrize(
        "estimator", [{"name": "defensive"}, {"name": "annealed", "start": "posterior"}]
    )
    def test_evidence_that_asks_for_a_density(self, linear, estimator):
        model, x, _ = linear
        with pytest.raises(UsageError, match="of its own draws alone"):
            room.build("evidence", estimator)(model, x)

    def test_the_aggregate_posterior(self):
        model, x = trained_on_bits()
        with pytest.raises(UsageError, match="of its own draws alone"):
            aggregate(model, Examples(x, View("binary")))

    @pytest.mark.parametrize(
        "wishes",
        [
            {"prior": "bernoulli"},
            {"prior": "hyperspherical"},
            {"prior": "flat"},
            {"network": "ladder"},
        ],
    )
    def test_latents_that_are_no_numbers_in_no_groups(self, wishes, inked):
        with pytest.raises(UsageError):
            decide(Data.from_array(inked).schema, Wishes(posterior="hamiltonian", **wishes))

    def test_noise_on_its_input(self, inked, says):
        plan = Plan(
            wishes=Wishes(latent_dim=2, posterior="hamiltonian"),
            corruption="gaussian",
            settings=Settings(epochs=1),
        )
        with pytest.raises(UsageError) as caught:
            prepare(Data.from_array(inked), plan, DataRequest())
        says(caught.value, "a noisy x", "--corruption")
