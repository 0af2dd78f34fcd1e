"""A ladder by way of the estimator and the command line, on images."""

import numpy as np
import pytest

import latentia as lt
from latentia.errors import UsageError

NETWORK = {"name": "ladder", "groups": (1, 2), "width": 2, "channels": 8, "patch": 2, "blocks": 1}


@pytest.fixture(scope="module")
def ladder(inked):
    return lt.VAE(network=NETWORK, max_epochs=3, learning_rate=1e-2, device="cpu").fit(inked)


def test_every_method_works(ladder, inked):
    assert ladder.latent_dim_ == sum(ladder.groups_) and len(ladder.groups_) == 3
    z = ladder.transform(inked)
    assert z.shape == (len(inked), ladder.latent_dim_)
    assert np.array_equal(z, ladder.transform(inked))
    assert ladder.reconstruct(inked).shape == inked.shape
    assert ladder.sample(4, temperature=0.5).shape == (4, *inked.shape[1:])
    nats = ladder.elbo(inked)
    np.testing.assert_allclose(nats.kl_per_dim.sum(1), nats.kl, rtol=1e-4)
    assert ladder.score_samples(inked[:5], 20).shape == (5,)
    assert ladder.score(inked) >= nats.elbo.mean() - 1


def test_the_groups_one_after_the_other(ladder, inked):
    steps = ladder.by_group(inked[:6])
    assert steps.shape == (4, 6, *inked.shape[1:])
    assert np.allclose(steps[0], steps[0][:1], atol=1e-6)  # nothing is known of any x
    np.testing.assert_allclose(steps[-1], ladder.reconstruct(inked[:6]), atol=1e-5)
    assert not np.allclose(steps[1], steps[-1])


def test_saved_and_loaded_it_says_the_same(ladder, inked, tmp_path):
    again = lt.load(ladder.save(tmp_path / "run"))
    assert np.array_equal(again.transform(inked), ladder.transform(inked))
    assert np.array_equal(again.sample(3), ladder.sample(3))


def test_its_prior_cannot_be_exchanged(ladder, inked):
    with pytest.raises(UsageError, match="part of it"):
        ladder.fit_prior(inked, "mixture", epochs=1)
    vae = lt.VAE(2, max_epochs=1, device="cpu").fit(inked)
    with pytest.raises(UsageError, match="part of it"):
        vae.fit_prior(inked, "ladder", epochs=1)
    with pytest.raises(UsageError, match="no groups"):
        vae.by_group(inked)


def test_on_the_command_line(latentia, inked_path, tmp_path):
    run = tmp_path / "run"
    options = ("--network", "ladder", "--network.groups", "1,1", "--network.channels", 8)
    said = latentia(
        "train", inked_path, *options, "--epochs", 2, "--average", 0.9, "--skip", 1e4, "--out", run
    )
    assert said.code == 0, said.err
    assert "posterior   ladder, prior ladder" in said.err
    assert latentia("evaluate", run, "--importance", 10).code == 0
    said = latentia("figure", run, "groups", "samples", "kl-spectrum")
    assert said.code == 0, said.err
    said = latentia("sample", run, "-n", 2, "--temperature", 0.7, "--out", tmp_path / "s.npy")
    assert said.code == 0 and "at temperature 0.7" in said.out and "under" not in said.out
    said = latentia("sample", run, "-n", 2, "--temperature", -1, "--out", tmp_path / "t.npy")
    assert said.code == 2 and not (tmp_path / "t.npy").exists()
    said = latentia("train", "--resume", "--out", run, "--epochs", 3)
    assert said.code == 0, said.err
