"""Variational inference: best fits in closed form, sums over states, and claims that fail."""

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal

from latentia.errors import UsageError
from latentia.evidence.quadrature import Grid, refine
from latentia.lab import _fitting, variational_inference
from latentia.lab._binary import BinaryModel, MeanField, states
from latentia.lab._families import Diagonal, Flow, Full, cells
from latentia.lab._fitting import best, families, fit, gap
from latentia.lab.variational_inference import VariationalInference, binary_gaps, checks
from latentia.rng import seeded

PRECISION = torch.tensor([[[4.0, 1.8], [1.8, 2.0]], [[1.0, -0.3], [-0.3, 9.0]]]).double()
LOC = torch.tensor([[0.5, -1.0], [0.0, 0.5]]).double()


def on_a_grid(log_density, images, reach=6.0, side=100):
    """Return the `Grid` of densities over the plane, log_density (N, B) of z (N, 1, 2)."""
    h = 2 * reach / side
    line = -reach + h * (torch.arange(side).double() + 0.5)
    z = torch.cartesian_prod(line, line)
    joint = log_density(z[:, None])
    volume = torch.full((images * len(z),), 2 * float(np.log(h))).double()
    evidence = joint.logsumexp(0) + volume[0]
    example = torch.arange(images).repeat_interleave(len(z))
    return Grid(example, z.repeat(images, 1), volume, joint.T.reshape(-1), evidence, 0 * evidence)


@pytest.fixture(scope="module")
def gaussian():
    """Return two Gaussian posteriors as cells, with an evidence that must not matter."""
    posterior = MultivariateNormal(LOC, precision_matrix=PRECISION)
    return cells(on_a_grid(lambda z: posterior.log_prob(z) - 100.0, 2), 4000)


@pytest.fixture(scope="module")
def two_modes():
    """Return a posterior of two narrow modes, the second of twice the weight."""
    scale = 0.25 * torch.eye(2).double()
    each = [MultivariateNormal(torch.tensor([m, 0.0]).double(), scale) for m in (-2.0, 2.0)]

    def log_density(z):
        parts = [d.log_prob(z) + np.log(w) for d, w in zip(each, (1 / 3, 2 / 3), strict=True)]
        return torch.stack(parts).logsumexp(0)

    return cells(on_a_grid(log_density, 1), 4000)


def start(count=2):
    return torch.zeros(count, 2), torch.eye(2).expand(count, 2, 2)


def test_the_best_diagonal_gaussian_is_the_one_of_theory(gaussian):
    loc, unit = start()
    q = Diagonal(loc + 0.5, unit.diagonal(dim1=1, dim2=2))
    trace = fit(q, gaussian, steps=200, rate=0.05)
    variance = 1 / PRECISION.diagonal(dim1=1, dim2=2)
    expected = -0.5 * (torch.logdet(PRECISION) + variance.log().sum(1))
    np.testing.assert_allclose(trace[-1], expected, atol=1e-3)
    sd = gaussian.scale * q.log_scale.exp().detach()
    np.testing.assert_allclose(sd, variance.sqrt(), rtol=1e-2)
    np.testing.assert_allclose(gaussian.loc + gaussian.scale * q.loc.detach(), LOC, atol=1e-2)


def test_a_gaussian_with_any_covariance_reaches_a_gaussian_posterior(gaussian):
    trace = fit(Full(*start()), gaussian, steps=200, rate=0.05)
    np.testing.assert_allclose(trace[-1], 0, atol=1e-3)
    assert (trace[0] > 0.004).all()


def test_the_cells_kl_is_that_of_the_densities(gaussian):
    loc, tril = start()
    q = Full(loc + 0.3, 0.8 * tril)
    in_z = MultivariateNormal(
        gaussian.loc + 0.3 * gaussian.scale,
        scale_tril=0.8 * torch.diag_embed(gaussian.scale),
    )
    posterior = MultivariateNormal(LOC, precision_matrix=PRECISION)
    expected = torch.distributions.kl_divergence(in_z, posterior)
    np.testing.assert_allclose(gaussian.kl(q.log_prob(gaussian.u)).detach(), expected, rtol=5e-3)


def test_q_gains_nothing_by_leaving_the_cells(gaussian):
    loc, unit = start()
    away = Diagonal(loc + 50.0, unit.diagonal(dim1=1, dim2=2))
    assert (gaussian.kl(away.log_prob(gaussian.u)) > 5).all()


def test_one_gaussian_takes_one_mode_and_the_better_start_counts(two_modes, monkeypatch):
    monkeypatch.setattr(_fitting, "_FLOW_STEPS", 20)
    scale = two_modes.scale.float()
    narrow = 0.5 / scale
    at = [(torch.tensor([[m, 0.0]]).double() - two_modes.loc).float() / scale for m in (-2, 2)]
    fits = [Diagonal(loc, narrow) for loc in at]
    ends = torch.stack([fit(q, two_modes, steps=100, rate=0.02)[-1] for q in fits])
    np.testing.assert_allclose(ends[:, 0], [np.log(3), np.log(1.5)], atol=1e-2)
    assert best(fits, ends).tolist() == [1]
    assert fits[0].loc[0, 0] > 0
    with seeded(0):
        found = families(two_modes, 2, 0)
    kl = {name: two_modes.kl(q.log_prob(two_modes.u)).item() for name, q in found.family.items()}
    assert kl["mixture"] < 1e-3 < kl["full"] == pytest.approx(np.log(1.5), abs=1e-2)
    assert kl["full"] <= kl["diagonal"] + 1e-3


def test_a_flow_starts_as_its_gaussian_and_its_draws_have_its_density():
    tril = torch.tensor([[[1.0, 0.0], [0.5, 0.3]], [[0.2, 0.0], [0.0, 2.0]]])
    gauss = Full(torch.tensor([[1.0, 2.0], [0.0, -1.0]]), tril)
    with seeded(0), torch.no_grad():
        flow = Flow(gauss)
        u = torch.randn(50, 2, 2)
        torch.testing.assert_close(flow.log_prob(u), gauss.log_prob(u), atol=1e-4, rtol=1e-4)
        for parameter in flow.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
        drawn = flow.sample(4000)
        # E_q[p / q] = 1 for any density p inside of q's reach, and only if q is q.
        inside = MultivariateNormal(drawn.mean(0), covariance_matrix=0.5 * _covariance(drawn))
        ratio = (inside.log_prob(drawn) - flow.log_prob(drawn)).exp()
    np.testing.assert_allclose(ratio.mean(0), 1, atol=0.1)


def _covariance(drawn):
    return torch.stack([part.T.cov() for part in drawn.transpose(0, 1)])


def test_the_measured_gap_is_the_kl_of_the_cells(bench):
    model = bench.model(n_components=2).model_
    x = bench.draw(bench.some(3).x)
    grid = refine(model, x)
    to = cells(grid)
    q = Diagonal(torch.full((3, 2), 0.2), torch.full((3, 2), 0.9))
    with seeded(0):
        found = gap(model, x, grid, to, q)
    np.testing.assert_allclose(found, to.kl(q.log_prob(to.u)).detach(), atol=0.15)


def test_the_sums_of_the_binary_model_are_over_all_states():
    with seeded(0):
        model = BinaryModel(3, 5)
        x = torch.bernoulli(torch.full((4, 5), 0.5))
        with torch.no_grad():
            model.prior.normal_()
            joint = model.log_joint(x)
            every = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 5)
            total = model.log_joint(every).logsumexp((0, 1))
            p = torch.sigmoid(model.decoder(states(3)[6]))
    assert total.item() == pytest.approx(0, abs=1e-5)
    given = (x * p.log() + (1 - x) * (1 - p).log()).sum(1)
    bits = torch.sigmoid(model.prior.detach())
    prior = bits[0].log() + bits[1].log() + (1 - bits[2]).log()
    np.testing.assert_allclose(joint[6], given + prior, rtol=1e-5)


def test_mean_field_never_gets_worse_and_finds_what_factorizes():
    with seeded(1):
        any_joint = 3 * torch.randn(16, 5)
        trace = MeanField(any_joint, torch.zeros(5, 4)).fit(10)
        logits = torch.randn(5, 4)
    assert (trace.diff(dim=0) < 1e-9).all()
    assert (trace[-1] > 0).all()
    factorized = (states(4)[:, None] * logits).sum(-1).double() - 20.0
    found = binary_gaps(factorized)
    np.testing.assert_allclose(found["gap"], 0, atol=1e-9)
    np.testing.assert_allclose(found["q"], factorized.softmax(0), atol=1e-6)
    assert found["before"].min() > 0


def test_it_fits_the_digits_of_the_bench(bench, monkeypatch):
    monkeypatch.setattr(_fitting, "_FLOW_STEPS", 20)
    monkeypatch.setattr(variational_inference, "_BINARY_STEPS", 100)
    finding = VariationalInference(n=4, components=2, bits=3).run(bench)
    gaps = {name: part["mean"] for name, part in finding.numbers["gap"].items()}
    assert gaps["encoder"] > gaps["diagonal"] > gaps["full"] - 0.01
    assert gaps["flow"] < gaps["encoder"]  # of 20 steps no more can be asked
    split = [finding.numbers[f"{part}_gap"]["mean"] for part in ("approximation", "amortization")]
    assert sum(split) == pytest.approx(gaps["encoder"])
    assert finding.numbers["bernoulli"]["gap"]["mean"] < 1


def _gaps(**changed):
    rng = np.random.default_rng(0)
    means = {"encoder": 2.0, "diagonal": 0.3, "full": 0.1, "mixture": 0.01, "flow": 0.02}
    return {name: rng.gamma(9, mean / 9, 40) for name, mean in {**means, **changed}.items()}


@pytest.mark.parametrize(
    ("changed", "binary", "settled", "verdict"),
    [
        ({}, 0.1, 1e-4, "confirmed"),
        ({"diagonal": 2.5, "encoder": 9.0}, 0.1, 1e-4, "refuted"),
        ({"encoder": 0.1}, 0.1, 1e-4, "refuted"),
        ({"full": 0.5}, 0.1, 1e-4, "refuted"),
        ({"mixture": 0.2}, 0.1, 1e-4, "refuted"),
        ({"flow": 0.2}, 0.1, 1e-4, "refuted"),
        ({}, 3.0, 1e-4, "refuted"),
        ({}, 0.1, 0.1, "refuted"),
        ({"flow": 0.1}, 0.1, 1e-4, "undecided"),
    ],
)
def test_every_part_of_the_claim_can_fail(changed, binary, settled, verdict):
    each = np.random.default_rng(1).gamma(9, binary / 9, 40)
    found = checks(_gaps(**changed), each, {"flow": settled})
    seen = {check.verdict for check in found}
    assert ("refuted" if "refuted" in seen else "undecided" if len(seen) > 1 else "confirmed") == (
        verdict
    )


@pytest.mark.parametrize("bad", [{"n": 1}, {"components": 1}, {"bits": 0}, {"bits": 13}])
def test_options_that_leave_nothing_to_fit_are_refused(bad):
    with pytest.raises(UsageError, match="nothing to fit"):
        VariationalInference(**bad)
