"""The autoregressive decoder of black-and-white pixels."""

import numpy as np
import pytest
import torch

from latentia import room
from latentia.errors import UsageError
from latentia.likelihood.autoregressive import Autoregressive
from latentia.likelihood.bernoulli import Bernoulli
from latentia.network.linear import Linear
from latentia.network.mlp import MLP


def moved(x_shape=(1, 5, 4), **options):
    torch.manual_seed(0)
    likelihood = Autoregressive(MLP(hidden=(8,)), x_shape, 2, **options)
    with torch.no_grad():
        for parameter in likelihood.parameters():
            parameter.add_(0.5 * torch.randn_like(parameter))
    return likelihood


@pytest.mark.parametrize("x_shape", [(1, 5, 4), (7,)])
def test_with_no_field_it_is_a_bernoulli_to_the_last_bit(x_shape):
    ours = moved(x_shape, field=0)
    plain = Bernoulli(MLP(hidden=(8,)), x_shape, 2)
    plain.load_state_dict(ours.state_dict())
    z, x = torch.randn(3, 6, 2), torch.randint(2, (6, *x_shape)).float()
    assert ours(z).log_prob(x).equal(plain(z).log_prob(x))
    # And it is made of the same random numbers.
    made = []
    for cls, options in ((Bernoulli, {}), (Autoregressive, {"field": 0})):
        torch.manual_seed(1)
        made.append(cls(MLP(hidden=(8,)), x_shape, 2, **options).state_dict())
    assert all(made[0][key].equal(made[1][key]) for key in made[0])


@pytest.mark.parametrize("network", ["mlp", "conv", "gated", "linear"])
def test_it_goes_with_every_network_and_the_order_stays(network):
    torch.manual_seed(0)
    options = {"mlp": {"hidden": (8,)}, "gated": {"hidden": (8,)}, "conv": {"channels": (4,)}}
    built = room.build("network", {"name": network, **options.get(network, {})})
    likelihood = Autoregressive(built, (2, 6, 5), 3, field=2)
    x = torch.randint(2, (4, 2, 6, 5)).float().requires_grad_()
    p = likelihood(torch.randn(3, 4, 3))
    assert p.log_prob(x).shape == (3, 4)
    here = (0, 1, 0, 3, 2)  # of samples, batch, channels, rows, columns
    (slope,) = torch.autograd.grad(p.given(x).logits[here], x)
    turn = torch.arange(60).reshape(6, 5, 2).movedim(-1, 0)
    assert not slope[1][turn >= turn[0, 3, 2]].any()
    assert slope[1, :, 1:3, 0:5].any() and slope[1, :, 3, :2].any()
    assert not slope[[0, 2, 3]].any()


@pytest.mark.slow
def test_it_learns_what_no_bernoulli_can():
    """Pixels that repeat the one above: 4 nats of the first row, and 0 of the others."""
    torch.manual_seed(0)
    x = torch.randint(2, (400, 1, 1, 6)).float().expand(-1, 1, 5, 6)
    nats = []
    for cls, options in ((Bernoulli, {}), (Autoregressive, {"field": 1, "width": 8})):
        likelihood = cls(Linear(), (1, 5, 6), 1, **options)
        likelihood.initialise(x.mean(0), x.std(0))
        optimizer = torch.optim.Adam(likelihood.parameters(), 0.02)
        for _ in range(300):
            optimizer.zero_grad()
            loss = -likelihood(torch.zeros(400, 1)).log_prob(x).mean()
            loss.backward()
            optimizer.step()
        nats.append(loss.item())
    log2 = np.log(2)
    assert nats[0] > 29.5 * log2  # 30 pixels of which nothing is known
    assert 5.5 * log2 < nats[1] < 6.8 * log2  # six of the first row


def test_reconstructions_are_draws_that_differ_by_z_alone():
    likelihood = moved()
    z = torch.randn(4, 2)
    with torch.no_grad():
        shown = likelihood.shown(likelihood(z))
        again = likelihood.shown(likelihood(z[[3, 3, 1]]))
    assert again.equal(shown[[3, 3, 1]])
    assert set(shown.unique().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("x_shape", "options", "what"),
    [
        ((4, 4), {}, "no such order"),
        ((1, 4, 4), {"field": -1}, "cannot have field=-1"),
        ((1, 4, 4), {"layers": -1}, "layers=-1"),
        ((1, 4, 4), {"width": 0}, "width=0"),
        ((1, 4, 4), {"features": 0}, "features=0"),
    ],
)
def test_what_cannot_be_is_refused(x_shape, options, what, says):
    with pytest.raises(UsageError) as caught:
        Autoregressive(Linear(), x_shape, 2, **options)
    says(caught.value, what, "where:", "mend:")


@pytest.fixture(scope="module")
def run(latentia, inked_path, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "pixels"
    said = latentia(
        *("train", inked_path, "--out", run, "--epochs", 2, "--network.hidden", 8),
        *("--likelihood", "autoregressive", "--likelihood.width", 4),
    )
    assert said.code == 0, said.err
    return run


class TestRun:
    """What a run with such a decoder says of itself."""

    def test_grey_pixels_are_binarized_and_its_numbers_are_a_likelihood(self, latentia, run):
        found = latentia("evaluate", run, "--json", "--importance", 10).json
        assert found["binarization"] == "dynamic" and found["is_likelihood"]
        assert found["autoregressive"] and found["log_likelihood"] >= found["elbo"] - 1
        assert found["bits_per_dim"] > 0

    def test_numbers_say_whether_z_is_used(self, latentia, run):
        said = latentia("evaluate", run, "--importance", 0)
        assert "autoregressive, which may do without z; z is " in said.out
        card = (run / "README.md").read_text()
        assert "**Autoregressive decoder**" in card and "of 2 latents active" in card

    def test_a_table_has_a_column_for_it(self, latentia, run, inked_run):
        said = latentia("compare", inked_run, run)
        head, *lines = said.out.splitlines()
        cell = {line.split()[0]: line[head.index("decoder") :].split()[0] for line in lines[:2]}
        assert cell[str(run)] == "autoregressive" and cell[str(inked_run)] == "independent"
        assert "autoregressive decoder: a pixel is given" in said.out
        rows = latentia("compare", inked_run, run, "--json").json["runs"]
        assert [row["autoregressive"] for row in rows] == [False, True]

    def test_pictures_show_draws_and_say_so(self, latentia, run, tmp_path):
        said = latentia("sample", run, "-n", 4, "--out", tmp_path / "x.png")
        assert said.code == 0 and "x ~ p(x|z)" in said.out
        said = latentia("sample", run, "-n", 4, "--values", "mean", "--out", tmp_path / "x.npy")
        assert said.code == 2 and "no mean" in said.err
        said = latentia("reconstruct", run, "-n", 4, "--out", tmp_path / "y.npy")
        assert said.code == 0 and "x ~ p(x|z)" in said.out
        assert set(np.unique(np.load(tmp_path / "y.npy"))) <= {0, 1, 255}

    def test_figures_draw_it(self, latentia, run, tmp_path):
        said = latentia("figure", run, "samples", "reconstructions", "manifold", "--out", tmp_path)
        assert said.code == 0, said.err
        assert (tmp_path / "samples.png").exists()

    def test_a_gradient_penalty_has_no_mean_to_be_of(self, latentia, inked_path, tmp_path):
        said = latentia(
            *("train", inked_path, "--out", tmp_path / "r", "--likelihood", "autoregressive"),
            *("--objective", "rae", "--objective.smooth", 0.1, "--posterior", "dirac"),
        )
        assert said.code == 2 and "no mean in closed form" in said.err


def test_missing_cells_are_refused_with_the_reason(latentia, tmp_path):
    x = np.random.default_rng(0).integers(0, 2, (40, 5)).astype(np.float32)
    x[3, 2] = np.nan
    np.save(tmp_path / "x.npy", x)
    said = latentia(
        "train", tmp_path / "x.npy", "--out", tmp_path / "r", "--likelihood", "autoregressive"
    )
    assert said.code == 2
    assert "0.5% of the cells are missing" in said.err
    assert "what a cell is given others" in said.err
    assert not (tmp_path / "r").exists()
