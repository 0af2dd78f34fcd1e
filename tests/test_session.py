"""One way from data to a trained model, for the command line and for the estimators."""

import json

import numpy as np
import pytest
import torch
from torch.nn.functional import softplus

import latentia as lt
from latentia.data import Data
from latentia.errors import DataError, UsageError
from latentia.evaluation.bound import bound
from latentia.run import Run
from latentia.session import (
    DataRequest,
    Plan,
    lasting,
    load_data,
    prepare,
    reopen,
    require_likelihood,
    split_data,
)
from latentia.view import Examples


def test_the_parts_never_overlap_and_leave_nothing_out(inked):
    data = Data.from_array(inked)
    for request in (DataRequest(), DataRequest(validation=30, test=0.25), DataRequest(test=0)):
        parts = split_data(data, request)
        rows = np.concatenate(list(parts.values()))
        assert np.array_equal(np.sort(rows), np.arange(len(inked)))


def test_a_test_part_of_zero_gives_its_rows_to_training(inked):
    data = Data.from_array(inked)
    with_test, without = split_data(data, DataRequest()), split_data(data, DataRequest(test=0))
    assert len(without["test"]) == 0
    assert len(without["train"]) == len(with_test["train"]) + len(with_test["test"])
    assert np.array_equal(without["validation"], with_test["validation"])


def test_the_estimator_and_the_command_train_the_same_model(latentia, inked, tmp_path):
    np.save(tmp_path / "x.npy", inked)
    said = latentia(
        *("train", tmp_path / "x.npy", "--out", tmp_path / "run", "--test", 0, "--seed", 5),
        *("--epochs", 2, "--network.hidden", 8, "--latent-dim", 3, "--device", "cpu"),
    )
    assert said.code == 0, said.err
    vae = lt.VAE(
        3, network={"name": "mlp", "hidden": (8,)}, max_epochs=2, random_state=5, device="cpu"
    ).fit(inked)
    command = lt.load(tmp_path / "run", device="cpu")
    assert np.array_equal(command.transform(inked), vae.transform(inked))
    assert command.config_.model.model_dump_json() == vae.config_.model.model_dump_json()


def test_a_reopened_session_is_the_same_session(inked_run):
    session = reopen(Run(inked_run), device="cpu")
    assert session.config == Run(inked_run).config()
    assert len(session.task.train) == session.config.data.n_train
    assert len(session.task.validation) == session.config.data.n_validation


def test_the_configuration_is_plain_json(inked):
    session = prepare(Data.from_array(inked), lt.VAE(max_epochs=1).plan(), DataRequest())
    written = json.loads(session.config.model_dump_json())
    assert written["data"]["request"] == "array"
    assert written["objective"] == {
        **{
            "name": "elbo",
            "beta": 1.0,
            "warmup": 0.0,
            "free_bits": 0.0,
            "samples": 1,
            "balance": False,
        }
    }


@pytest.mark.parametrize("part", [{"validation": 0.999}, {"validation": 119}, {"test": 5.5}])
def test_parts_that_cannot_be(inked, part):
    with pytest.raises(UsageError):
        split_data(Data.from_array(inked), DataRequest(**part))


def test_a_run_fitted_on_an_array_cannot_be_reopened(inked, tmp_path):
    lt.VAE(max_epochs=1, network={"hidden": (4,)}).fit(inked).save(tmp_path / "run")
    with pytest.raises(DataError):
        reopen(Run(tmp_path / "run"))


def test_no_likelihood_says_why_and_how_to_have_one(grey_run, inked_run, says):
    from latentia.errors import RunError

    require_likelihood(Run(inked_run).config())
    with pytest.raises(RunError) as caught:
        require_likelihood(Run(grey_run).config())
    says(caught.value, "cross-entropy", "--binarize dynamic")


def test_a_path_is_remembered_so_that_it_holds_from_any_folder(
    latentia, inked, tmp_path, monkeypatch
):
    (tmp_path / "here").mkdir()
    np.save(tmp_path / "here" / "x.npy", inked)
    monkeypatch.chdir(tmp_path / "here")
    small = ("--epochs", 1, "--network.hidden", 8, "--latent-dim", 2)
    assert latentia("train", "x.npy", "--out", tmp_path / "run", *small).code == 0
    monkeypatch.chdir(tmp_path)
    assert latentia("evaluate", tmp_path / "run", "--importance", 2).code == 0
    assert lasting("mnist5k") == "mnist5k" and lasting("no/such/file") == "no/such/file"


@pytest.mark.parametrize("name", ["mnist5k", "mnist"])
def test_untrained_digits_start_at_the_cross_entropy_of_their_pixel_means(name):
    """Some 206 nats, where a decoder of even odds starts at 784 log 2 = 543."""
    if lt.data.where(name) is None:
        pytest.skip(f"{name} is not on this machine (LATENTIA_DATA names its folder)")
    data, request = load_data(DataRequest(name)), DataRequest(name)
    session = prepare(data, Plan(device="cpu"), request)
    stored, rows = torch.from_numpy(data.model_array()), split_data(data, request)["test"]
    found = bound(session.model, Examples(stored, session.config.model.view, rows))
    grey = stored[rows].double() / 255
    logit = torch.logit(session.task.train.moments()[0].double().clamp(0.001, 0.999))
    cross_entropy = (softplus(logit) - grey.mean(0) * logit).sum().item()
    # What the draw of the black and white pixels adds to the mean.
    noise = (grey * (1 - grey) * logit**2).sum().sqrt().item() / len(rows)
    assert noise < 1
    assert found.elbo == pytest.approx(-cross_entropy - found.kl, abs=5 * noise)
    assert 0 <= found.kl < 0.05
    assert cross_entropy == pytest.approx(205.8, abs=0.3)
