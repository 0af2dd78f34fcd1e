"""MS-SSIM as a cost: it trains, and nowhere passes for a likelihood."""

import numpy as np
import pytest
import torch

from latentia.distribution.ms_ssim import ms_ssim
from latentia.errors import UsageError
from latentia.likelihood.ms_ssim import MSSSIM
from latentia.network.linear import Linear


def test_its_cost_is_the_weight_times_what_is_missing_to_one():
    torch.manual_seed(0)
    likelihood = MSSSIM(Linear(), (1, 28, 28), 2, weight=70.0)
    x = torch.rand(4, 1, 28, 28)
    with torch.no_grad():
        p = likelihood(torch.randn(3, 4, 2))
        expected = 70 * (ms_ssim(x, p.mean, scales=2) - 1)
    torch.testing.assert_close(p.log_prob(x), expected)
    assert likelihood.describes == frozenset() and "not in nats" in likelihood.cost


def test_it_learns_a_picture():
    torch.manual_seed(0)
    x = torch.rand(1, 1, 16, 16).round()
    likelihood = MSSSIM(Linear(), (1, 16, 16), 1)
    optimizer = torch.optim.Adam(likelihood.parameters(), 0.1)
    for _ in range(200):
        optimizer.zero_grad()
        (-likelihood(torch.zeros(1, 1)).log_prob(x)).backward()
        optimizer.step()
    assert (likelihood(torch.zeros(1, 1)).mean - x).abs().max() < 0.1


@pytest.mark.parametrize(
    ("x_shape", "options", "what"),
    [
        ((30,), {}, "none"),
        ((1, 10, 28), {}, "10x28 pixels have no scale"),
        ((1, 28, 28), {"scales": 3}, "28x28 pixels have 2 scales"),
        ((1, 28, 28), {"scales": 0}, "0 was asked for"),
        ((1, 28, 28), {"window": 4}, "window=4"),
        ((1, 28, 28), {"weight": 0.0}, "weight=0.0"),
    ],
)
def test_what_cannot_be_is_refused(x_shape, options, what, says):
    with pytest.raises(UsageError) as caught:
        MSSSIM(Linear(), x_shape, 2, **options)
    says(caught.value, what, "where:", "mend:")


@pytest.mark.parametrize(("options", "scales"), [({}, 2), ({"window": 7}, 3), ({"scales": 1}, 1)])
def test_there_are_as_many_scales_as_the_image_has(options, scales):
    assert MSSSIM(Linear(), (1, 28, 28), 2, **options).scales == scales


@pytest.fixture(scope="module")
def run(latentia, inked_path, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "cost"
    said = latentia(
        *("train", inked_path, "--out", run, "--epochs", 2, "--network.hidden", 8),
        *("--likelihood", "ms-ssim", "--likelihood.window", 5),
    )
    assert said.code == 0, said.err
    assert "* no likelihood: MS-SSIM is a cost" in said.err
    assert "ELBO*" in said.err and "units of cost" in said.err
    assert "nats" not in (said.out + said.err).replace("are not in nats", "")
    return run


class TestRun:
    """What a run with this cost says of itself."""

    def test_no_number_of_it_is_in_nats_or_a_likelihood(self, latentia, run):
        found = latentia("evaluate", run, "--json").json
        assert not found["is_likelihood"] and found["log_likelihood"] is None
        assert found["bits_per_dim"] is None and found["unit"] == "units of cost"
        assert found["binarization"] == "none"
        said = latentia("evaluate", run)
        assert "ELBO* " in said.out and "units of cost per example" in said.out
        assert "nats per example" not in said.out

    def test_it_has_no_log_p_to_estimate(self, latentia, run):
        said = latentia("evaluate", run, "--importance", 10)
        assert said.code == 2 and "no log p(x) to estimate: MS-SSIM is a cost" in said.err

    def test_card_and_table_say_so(self, latentia, run, inked_run):
        card = (run / "README.md").read_text()
        assert "All in units of cost per example" in card and "**No likelihood**: MS-SSIM" in card
        said = latentia("compare", inked_run, run)
        assert f"{run}: in units of cost" in said.out and f"{run} !" in said.out

    def test_its_pictures_are_pictures(self, latentia, run, tmp_path):
        said = latentia("sample", run, "-n", 4, "--out", tmp_path / "x.npy")
        assert said.code == 0, said.err
        x = np.load(tmp_path / "x.npy")
        assert x.shape == (4, 6, 6) and len(np.unique(x)) > 4


def test_real_numbers_are_refused(latentia, tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(30, 12, 12)))
    said = latentia(
        "train", tmp_path / "x.npy", "--out", tmp_path / "r", "--likelihood", "ms-ssim"
    )
    assert said.code == 2 and "values within [0, 1]" in said.err


def test_an_autoencoder_of_it_is_no_likelihood_for_the_same_reason(latentia, inked_path, tmp_path):
    said = latentia(
        *("train", inked_path, "--out", tmp_path / "r", "--epochs", 1, "--network.hidden", 8),
        *("--likelihood", "ms-ssim", "--likelihood.window", 5, "--posterior", "dirac"),
        *("--prior", "flat"),
    )
    assert said.code == 0 and "MS-SSIM is a cost" in said.err
