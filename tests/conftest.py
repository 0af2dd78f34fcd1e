"""What several rooms' tests share: small data, small trained runs, and the command line."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import numpy as np
import pytest


class Said(NamedTuple):
    """What one call of the command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def _latentia(*arguments):
    from latentia.cli import main

    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return Said(stop.value.code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def latentia():
    """Return a function that runs the command line in this process."""
    return _latentia


@pytest.fixture(scope="session")
def inked():
    """Return 120 grey pictures (6, 6) of a bright stroke, as bytes."""
    rng = np.random.default_rng(0)
    x = np.zeros((120, 6, 6))
    for i, picture in enumerate(x):
        picture[:, rng.integers(6)] = 230 if i % 2 else 0
        picture[rng.integers(6), :] += 25
    return (x + rng.integers(0, 10, x.shape)).astype(np.uint8)


@pytest.fixture(scope="session")
def inked_path(inked, tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "inked.npy"
    np.save(path, inked)
    return path


@pytest.fixture(scope="session")
def table_path(tmp_path_factory):
    """Write a table of 80 rows and three columns of real numbers, two of them correlated."""
    rng = np.random.default_rng(1)
    a = rng.normal(10, 4, 80)
    columns = np.stack([a, 2 * a + rng.normal(size=80), rng.normal(-1, 0.1, 80)], 1)
    path = tmp_path_factory.mktemp("data") / "table.csv"
    rows = ["height,weight,depth", *(",".join(f"{v:.4f}" for v in row) for row in columns)]
    path.write_text("\n".join(rows) + "\n")
    return path


def _trained(tmp_path_factory, name, data, *options):
    path = tmp_path_factory.mktemp("runs") / name
    small = ("--epochs", 2, "--network.hidden", 16, "--batch-size", 32)
    said = _latentia("train", data, "--out", path, *small, *options)
    assert said.code == 0, said.err
    return path


@pytest.fixture(scope="session")
def inked_run(tmp_path_factory, inked_path):
    """Train a VAE on the strokes; tests may read this run and not change it."""
    return _trained(tmp_path_factory, "inked", inked_path)


@pytest.fixture(scope="session")
def kept_run(tmp_path_factory, inked_path):
    """Train a VAE of which the weights of both epochs are kept."""
    return _trained(tmp_path_factory, "kept", inked_path, "--snapshots", "--latent-dim", 2)


@pytest.fixture(scope="session")
def grey_run(tmp_path_factory, inked_path):
    """Train a VAE whose numbers are no likelihood: a Bernoulli on grey values."""
    return _trained(
        tmp_path_factory, "grey", inked_path, "--binarize", "none", "--likelihood", "bernoulli"
    )


@pytest.fixture(scope="session")
def point_run(tmp_path_factory, inked_path):
    """Train an autoencoder."""
    return _trained(tmp_path_factory, "point", inked_path, "--preset", "autoencoder")


@pytest.fixture(scope="session")
def table_run(tmp_path_factory, table_path):
    return _trained(tmp_path_factory, "table", table_path)


@pytest.fixture(scope="session")
def told_run(tmp_path_factory, latentia, inked):
    """Train a model of p(x|c) on the strokes: c says whether one is bright."""
    folder = tmp_path_factory.mktemp("told")
    labels = np.array(["none", "stroke"])[np.arange(len(inked)) % 2]
    np.savez(folder / "inked.npz", x=inked, y=labels)
    small = ("--epochs", 1, "--network.hidden", 8, "--latent-dim", 2)
    wanted = (folder / "inked.npz", "--condition", "label", "--out", folder / "run", *small)
    said = latentia("train", *wanted)
    assert said.code == 0, said.err
    return folder / "run"


@pytest.fixture
def says():
    """Check that an error says what, where and how to mend it."""

    def check(error, *parts):
        text = str(error)
        for part in parts:
            assert part in text, text
        assert "Traceback" not in text

    return check


@pytest.fixture(scope="session")
def model_of():
    """Return a function that builds an untrained model of vectors, in float64."""
    import torch

    from latentia import room
    from latentia.model import LatentVariableModel

    def build(x_dim, latent_dim, *, seed=0, spread=0.0, network="linear", **parts):
        torch.manual_seed(seed)
        network = room.build("network", network)
        offer = {"network": network, "x_shape": (x_dim,), "latent_dim": latent_dim}
        usual = {"posterior": "gaussian", "prior": "standard-normal", "likelihood": "bernoulli"}
        parts = usual | parts
        posterior, prior = (room.build(k, parts[k], **offer) for k in ("posterior", "prior"))
        offer["latent_dim"] = posterior.decoded_dim or latent_dim
        likelihood = room.build("likelihood", parts["likelihood"], **offer)
        model = LatentVariableModel(posterior, prior, likelihood).double().eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter += spread * torch.randn_like(parameter)
        return model

    return build


@pytest.fixture(scope="session")
def linear_gaussian_of(model_of):
    """Return a function from W (D, L), b (D,) and s to z ~ N(0, I), x|z ~ N(b + W z, s^2).

    Its q has the mean of p(z|x), and of its precision the diagonal.
    """
    import torch

    def build(weight, bias, s):
        x_dim, latent_dim = weight.shape
        model = model_of(x_dim, latent_dim, likelihood={"name": "gaussian", "sigma": "fixed"})
        precision = torch.eye(latent_dim).double() + weight.T @ weight / s**2
        gain = torch.linalg.solve(precision, weight.T) / s**2
        with torch.no_grad():
            model.likelihood.decoder[0].weight.copy_(weight)
            model.likelihood.bias.copy_(bias)
            model.likelihood.log_sigma.fill_(np.log(s))
            head = model.posterior.head
            head.weight.zero_()
            head.weight[:latent_dim] = gain
            head.bias[:latent_dim] = -gain @ bias
            head.bias[latent_dim:] = -precision.diagonal().log() / 2
        return model

    return build
