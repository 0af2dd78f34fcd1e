"""The groups of a ladder one by one, as Python's own way down gives them."""

import numpy as np
import pytest
import torch
from tests.explorer.test_halves import read

import latentia as lt
from latentia.errors import RunError
from latentia.explorer.groups import DRAWS, Groups
from latentia.explorer.single import SingleFile
from latentia.rng import seeded

NETWORK = {"name": "ladder", "groups": (1, 2), "width": 2, "channels": 8, "patch": 2, "blocks": 1}


@pytest.fixture(scope="module")
def ladder_run(inked, tmp_path_factory):
    vae = lt.VAE(network=NETWORK, max_epochs=1, device="cpu").fit(inked)
    with torch.no_grad(), seeded(0):  # what long training comes to: every group matters
        for parameter in vae.model_.parameters():
            parameter += 0.2 * torch.randn_like(parameter)
    return vae.save(tmp_path_factory.mktemp("ladder") / "run")


@pytest.fixture
def client(exploring, ladder_run, inked, tmp_path):
    np.save(tmp_path / "x.npy", inked[:40])
    opened = exploring(ladder_run, data=str(tmp_path / "x.npy"), split="all")
    # The page's arrays are drawn in the background, by the generator that these tests use too.
    assert opened.get("/page-data/arrays").status_code == 200
    return opened


def asked(client, **query):
    answer = client.get("/page-data/groups", params=query)
    assert answer.status_code == 200, answer.text
    return read(answer.content)["shown"]


def test_the_first_groups_are_those_of_by_group(client, ladder_run, inked):
    found = asked(client, at=3)
    expected = lt.load(ladder_run, device="cpu").by_group(inked[3:4])
    assert found.shape == (4, 1, *inked.shape[1:])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert not np.allclose(found[0], found[-1], atol=1e-3)


def test_what_does_not_see_x_is_drawn_once_for_all_rows(client, ladder_run, inked):
    model = lt.load(ladder_run, device="cpu")
    hot = asked(client, at=3, temperature=1, seed=4)
    assert np.array_equal(hot, asked(client, at=3, temperature=1, seed=4))
    assert not np.allclose(hot[0], asked(client, at=3, temperature=1, seed=5)[0], atol=1e-3)
    np.testing.assert_allclose(hot[-1], asked(client, at=3)[-1], atol=1e-5)  # nothing is left
    x = model.plain(inked[3:4])
    with torch.no_grad(), seeded(4, 5):
        eps = torch.randn(1, model.latent_dim_)
        z = [model.model_.posterior.first(x, k, eps) for k in range(4)]
    np.testing.assert_allclose(
        hot, model.inverse_transform(torch.cat(z).numpy())[:, None], atol=1e-5
    )


@pytest.mark.parametrize("follow", [False, True])
def test_one_group_is_drawn_of_its_prior_given_those_above(client, ladder_run, inked, follow):
    found = asked(client, at=2, group=1, temperature=0.7, seed=6, follow=follow)
    model = lt.load(ladder_run, device="cpu")
    posterior, prior = model.model_.posterior, model.model_.prior
    a, b, _ = np.cumsum([0, *model.groups_])[1:].tolist()
    with torch.no_grad(), seeded(6, 5):
        eps = torch.randn(DRAWS, model.latent_dim_)
        z = posterior.first(model.plain(inked[2:3]), 3)
        gone = prior.top_down.given(z)  # the priors of all groups along the example's own way
    z = z.expand(DRAWS, -1).clone()
    z[:, a:b] = gone.loc[:, a:b] + torch.exp(gone.log_scale[:, a:b]) * 0.7 * eps[:, a:b]
    if follow:
        with torch.no_grad():
            z[:, b:] = prior.top_down.given(z).loc[:, b:]
    np.testing.assert_allclose(found, model.inverse_transform(z.numpy())[:, None], atol=1e-5)
    # The last one can follow only once the group between has been drawn: they differ.
    assert found.std(0).max() > 1e-3


def test_without_deviations_a_group_is_at_its_mean(client):
    found = asked(client, at=2, group=0, temperature=0, seed=1)
    assert len(found) == DRAWS and np.allclose(found, found[:1], atol=1e-6)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"at": 40}, 404),
        ({"at": -1}, 404),
        ({"at": 0, "group": 3}, 422),
        ({"at": 0, "group": -1}, 422),
        ({"at": 0, "temperature": -0.1}, 422),
        ({"at": 0, "temperature": "nan"}, 422),
        ({"at": 0, "temperature": 3}, 422),
        ({"at": 0, "seed": -1}, 422),
        ({}, 422),
    ],
)
def test_what_cannot_be_asked(client, query, status):
    answer = client.get("/page-data/groups", params=query)
    assert answer.status_code == status, answer.text


def test_a_model_without_groups_says_so(exploring, inked_run):
    answer = exploring(inked_run).get("/page-data/groups?at=0")
    assert answer.status_code == 422 and "no groups" in answer.json()["detail"]


def test_it_waits_at_the_gate_like_everybody(client):
    gate = client.explorer.service.gate
    gate.requests += gate.limits.requests
    assert client.get("/page-data/groups?at=0").status_code == 429
    gate.requests -= gate.limits.requests
    asked(client, at=0)
    assert gate.requests == gate.rows == gate.size == 0


def test_a_single_file_is_refused_with_the_reason(subject_of, ladder_run, built):
    with pytest.raises(RunError, match="step by step"):
        SingleFile.of(subject_of(ladder_run), folder=built)


def test_it_runs_alone():
    assert not Groups().together
