"""The exemplar prior: which mixture it is while it is trained, and which one afterwards."""

import json
import math

import numpy as np
import pytest
import torch
from torch.distributions import Independent, Normal

import latentia as lt
from latentia import room
from latentia.data import Data
from latentia.design import Wishes, assemble, decide, start_at_data
from latentia.distribution.dirac import Dirac
from latentia.errors import UsageError
from latentia.model import LatentVariableModel
from latentia.posterior.base import Posterior
from latentia.posterior.gaussian import Gaussian
from latentia.prior.exemplar import Exemplar
from latentia.request import DataRequest
from latentia.session import Plan, prepare
from latentia.training.engine import Engine
from latentia.training.prior import fit_prior
from latentia.training.progress import Quiet
from latentia.training.settings import Settings
from latentia.view import Examples, View

X = torch.randn(40, 5, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def posterior():
    torch.manual_seed(0)
    return Gaussian(room.build("network", {"name": "mlp", "hidden": (8,)}), (5,), 2)


@pytest.fixture
def held(posterior):
    """Return a prior of 30 of 40 examples, of a width that is not 1, and its encoder."""

    def make(components=30, subset=500, n=40):
        prior = Exemplar(posterior, (5,), 2, components=components, subset=subset)
        prior.hold(lambda rows: X[:n][rows], n)
        with torch.no_grad():
            prior.log_scale.fill_(-0.7)
        return prior

    return make


def mean_of(posterior, rows):
    return posterior(X[rows]).mean


def mixture(posterior, rows, z):
    """Return log 1/N sum_n N(z; mu(x_n), s^2 I), written out."""
    each = Normal(mean_of(posterior, rows)[:, None], math.exp(-0.7))
    each = each.log_prob(z[..., None, None, :]).sum(-1).squeeze(-1)
    return each.logsumexp(-1) - math.log(len(rows))


def test_evaluated_it_is_the_mean_over_all_exemplars(held, posterior):
    prior, z = held().eval(), torch.randn(7, 2)
    rows = prior.index
    assert len(set(rows.tolist())) == 30 and rows.min() >= 0 and rows.max() < 40
    torch.testing.assert_close(prior().log_prob(z), mixture(posterior, rows, z))
    assert prior().batch_shape == ()


def test_where_there_are_fewer_examples_than_exemplars_each_is_there_once(held, posterior):
    prior, z = held(components=60).eval(), torch.randn(7, 2)
    assert (prior.index >= 0).sum() == 40
    torch.testing.assert_close(prior().log_prob(z), mixture(posterior, torch.arange(40), z))
    torch.manual_seed(0)
    far = prior().sample((2000,))[:, None] - mean_of(posterior, torch.arange(40))
    assert (far.norm(dim=-1).amin(1) < 6 * math.exp(-0.7)).all()


def test_trained_it_leaves_out_the_example_in_hand_and_no_other(held, posterior):
    prior = held().train()
    inside, outside = prior.index[4].item(), next(iter(set(range(40)) - set(prior.index.tolist())))
    prior.rows, z = torch.tensor([inside, outside]), torch.randn(3, 2, 2)
    found = prior().log_prob(z)
    without = torch.cat([prior.index[:4], prior.index[5:]])
    assert found.shape == (3, 2) and prior().batch_shape == (2,)
    torch.testing.assert_close(found[:, 0], mixture(posterior, without, z[:, 0]))
    torch.testing.assert_close(found[:, 1], mixture(posterior, prior.index, z[:, 1]))
    prior.eval()
    torch.testing.assert_close(prior().log_prob(z), mixture(posterior, prior.index, z))


def test_a_step_encodes_some_of_them_whose_density_is_unbiased_and_logarithm_low(held, posterior):
    prior, z = held(subset=6).train(), torch.randn(4, 2)
    prior.rows, density = torch.full((4,), prior.index[0].item()), []
    torch.manual_seed(0)
    with torch.no_grad():
        # Six of thirty, of which the left-out one is one in five times.
        for _ in range(4000):
            density.append(prior().log_prob(z).double())
        every = torch.stack(density)
        expected = mixture(posterior, prior.index[1:], z)
    spread = every.exp().std(0) / len(every) ** 0.5
    assert ((every.exp().mean(0) - expected.exp()).abs() < 5 * spread).all()
    assert (every.mean(0) < expected).all()
    assert len(prior().loc) == 6


def test_the_gradient_reaches_the_encoder_through_every_exemplar(held, posterior):
    prior = held().train()
    z = torch.randn(5, 2)
    names = [name for name, _ in prior.named_parameters()]
    assert names == ["log_scale"]
    leaves = [prior.log_scale, *posterior.parameters()]
    found = torch.autograd.grad(prior().log_prob(z).sum(), leaves, allow_unused=True)
    scale = prior.log_scale.exp()
    each = Independent(Normal(mean_of(posterior, prior.index)[:, None], scale), 1)
    expected = torch.autograd.grad(each.log_prob(z).logsumexp(0).sum(), leaves)
    assert all(slope is not None and slope.any() for slope in found[1:])
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("change", ["in place", "loaded", "a step"])
def test_evaluated_again_after_the_weights_have_changed_it_knows(held, posterior, change):
    prior, z = held().eval(), torch.randn(7, 2)
    prior()
    if change == "in place":
        with torch.no_grad():
            posterior.head.bias += 1
    elif change == "loaded":
        posterior.load_state_dict({k: v + 0.1 for k, v in posterior.state_dict().items()})
    else:  # whatever changes weights without a mark leaves training behind
        prior.train()
        posterior.head.bias.data.add_(1)
        prior.eval()
    torch.testing.assert_close(prior().log_prob(z), mixture(posterior, prior.index, z))


def test_without_the_data_it_is_what_it_was(held, posterior):
    prior, z = held().eval(), torch.randn(7, 2)
    before = prior().log_prob(z)
    prior.let_go()
    assert torch.equal(prior().log_prob(z), before)
    other = Exemplar(posterior, (5,), 2, components=30).eval()
    other.load_state_dict(prior.state_dict())
    assert torch.equal(other().log_prob(z), before)
    assert set(prior.state_dict()) == {"log_scale", "index", "loc"}


def task(likelihood="gaussian", **prior):
    data = Data.from_array(X.numpy())
    spec = {"name": "exemplar", **prior}
    wishes = Wishes(latent_dim=2, network="linear", likelihood=likelihood, prior=spec)
    design, _ = decide(data.schema, wishes)
    model, examples = assemble(design), Examples(torch.as_tensor(data.model_array()), design.view)
    start_at_data(model, examples)
    return model, examples


def test_the_engine_says_which_examples_a_batch_is_and_forgets_it(monkeypatch):
    model, examples = task()
    seen, forward = [], Exemplar.forward

    def noted(self, c=None):
        seen.append(None if self.rows is None else self.rows.tolist())
        return forward(self, c)

    monkeypatch.setattr(Exemplar, "forward", noted)
    engine = Engine(model, room.build("objective", "elbo"), examples, Settings(epochs=1))
    model.train()
    engine.step(1, torch.tensor([3, 1, 4]), 0.0, 1e-3)
    assert seen == [[3, 1, 4]] and model.prior.rows is None


def test_a_run_holds_rows_and_means_and_no_example(inked, tmp_path, monkeypatch):
    """Bitwise the same once the data are gone, and the means are those of the weights kept."""
    vae = lt.VAE(
        **{"n_components": 2, "max_epochs": 3, "random_state": 0, "binarize": "dynamic"},
        prior={"name": "exemplar", "components": 50, "subset": 20},
        device="cpu",
    ).fit(inked)
    prior = vae.model_.prior
    assert prior._read is None
    vae.save(tmp_path / "run")
    again = lt.load(tmp_path / "run", device="cpu")
    assert (again.sample(5) == vae.sample(5)).all()
    assert (again.score_samples(inked[:5], 20) == vae.score_samples(inked[:5], 20)).all()
    assert all(not isinstance(v, Examples) for v in vars(prior).values())
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["model"]["prior"] == {"name": "exemplar", "components": 50, "subset": 20}


def test_the_means_that_are_kept_are_those_under_the_best_weights(inked, monkeypatch):
    kept = []
    monkeypatch.setattr(Exemplar, "let_go", lambda self: kept.append(self._read))
    wishes = Wishes(
        latent_dim=2,
        network={"name": "mlp", "hidden": (16,), "dropout": 0.2},
        prior={"name": "exemplar", "components": 40},
    )
    settings = Settings(epochs=3, batch_size=32, average=0.5)
    plan = Plan(wishes=wishes, settings=settings, device="cpu")
    session = prepare(Data.from_array(inked), plan, DataRequest())
    session.train(Quiet())
    model = session.model
    prior, (read,) = model.prior, kept
    used = prior.index[prior.index >= 0]
    with torch.no_grad():
        expected = model.posterior(read(used)).mean
    torch.testing.assert_close(prior.loc[: len(used)], expected)
    assert (prior.loc[: len(used)].std(0) > 0).all()


class Itself(Posterior):
    """An autoencoder's encoder: z is x."""

    def forward(self, x, c=None):
        return Dirac(x)


@pytest.fixture
def points():
    """Return a model whose latents are its x, 300 examples and 1,000 to choose by."""
    x = torch.randn(1300, 1, generator=torch.Generator().manual_seed(2))
    offer = {"network": room.build("network", "linear"), "x_shape": (1,), "latent_dim": 1}
    parts = (room.build(name, member, **offer) for name, member in PARTS.items())
    return LatentVariableModel(Itself(), *parts), *(
        Examples(p, View("real")) for p in (x[:300], x[300:])
    )


PARTS = {"prior": "standard-normal", "likelihood": "gaussian"}


def test_fitted_to_points_it_is_a_kernel_density_as_wide_as_leaving_one_out_says(points):
    model, train, validation = points
    prior = Exemplar(model.posterior, (1,), 1, components=300)
    found = fit_prior(model, prior, train, validation, epochs=40, learning_rate=1e-2)
    x = train.stored.double()
    apart = (x - x.T).square() + torch.diag(torch.full((300,), torch.inf))
    constant = math.log(299) + 0.5 * math.log(2 * math.pi)

    def likelihood(s):
        return ((-apart / (2 * s**2)).logsumexp(1).mean() - math.log(s) - constant).item()

    width = prior.log_scale.exp().item()
    best = max(likelihood(s) for s in np.linspace(0.03, 1.5, 300))
    assert likelihood(width) > best - 0.005
    assert found.after == pytest.approx(-0.5 * math.log(2 * math.pi * math.e), abs=0.1)
    assert prior._read is None and prior.rows is None


def test_left_in_it_would_shrink_onto_the_points(points, monkeypatch):
    """What the test above holds fast: without leaving one out there is no best width."""
    model, train, _ = points
    monkeypatch.setattr(Exemplar, "rows", property(lambda self: None, lambda self, rows: None))
    prior = Exemplar(model.posterior, (1,), 1, components=300)
    fit_prior(model, prior, train, train, epochs=40, learning_rate=1e-1)
    assert prior.log_scale.exp() < 0.1  # with it, 0.3


def test_what_cannot_be_is_refused(posterior, says):
    for options in ({"components": 1}, {"subset": 1}):
        with pytest.raises(UsageError, match="two exemplars at least"):
            Exemplar(posterior, (5,), 2, **options)
    flow = room.build(
        "posterior",
        "flow",
        network=room.build("network", "linear"),
        x_shape=(5,),
        latent_dim=2,
    )
    with pytest.raises(UsageError) as caught:
        Exemplar(flow, (5,), 2)
    says(caught.value, "none of its own", "posterior")
    with pytest.raises(UsageError, match="leaves one example out"):
        Exemplar(posterior, (5,), 2).hold(lambda rows: X[rows], 1)
    with pytest.raises(UsageError) as caught:
        Exemplar(posterior, (5,), 2, components=501).hold(lambda rows: X[rows], 40)
    says(caught.value, "40 training examples, and 501", "Use --prior.components 40 or fewer")
    Exemplar(posterior, (5,), 2, components=600).hold(lambda rows: X[rows], 600)


def test_more_exemplars_than_examples_are_refused_before_anything_is_written(
    latentia, inked_path, tmp_path
):
    wanted = ("--prior", "exemplar", "--prior.components", 501, "--out", tmp_path / "run")
    said = latentia("train", inked_path, *wanted)
    assert said.code == 2 and "Use --prior.components 96 or fewer" in said.err, said.err
    assert not (tmp_path / "run").exists()


def test_conditions_are_refused(says):
    data = Data.from_array(X.numpy()).under({"kind": np.array(["a", "b"] * 20, dtype=object)})
    with pytest.raises(UsageError, match="exemplar u has conditions"):
        decide(data.schema, Wishes(latent_dim=2, prior="exemplar"))
