"""A guard of speed that no load can upset: what work costs in kernels, passes and Python calls.

The allowances are what was counted when this was written, and a little. Whoever makes something
dearer meets them here, and writes down why it is worth it.
"""

import numpy as np
import pytest
import torch
from tests.cost import Cost, calls

import latentia as lt
from latentia.data import Data
from latentia.estimator.vae import VAE
from latentia.evaluation.bound import per_example
from latentia.evidence.importance import ImportanceSampling
from latentia.request import DataRequest
from latentia.rng import reseed
from latentia.session import prepare
from latentia.training.engine import Engine

BATCH, PIXELS, LATENTS = 128, 784, 20
HIDDEN = (500, 500)
# Products of one example's way through the network, forward.
ENCODER = 2 * (784 * 500 + 500 * 500 + 500 * 40)
DECODER = 2 * (20 * 500 + 500 * 500 + 500 * 784)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (600, 28, 28), dtype=np.uint8)


@pytest.fixture(scope="module")
def session(images):
    vae = VAE(
        n_components=LATENTS,
        network={"name": "mlp", "hidden": HIDDEN},
        batch_size=BATCH,
        max_epochs=1,
        binarize="dynamic",
        likelihood="bernoulli",
        device="cpu",
    )
    return prepare(Data.from_array(images), vae.plan(), DataRequest(test=0))


@pytest.fixture
def engine(session):
    task = session.task
    found = Engine(task.model, task.objective, task.train, session.config.training)
    found.step(1, torch.arange(BATCH), 0.0, 1e-3)  # what is made once
    found.seen(wait=True)
    return found


def test_a_step_of_training(engine):
    engine.model.train()
    with Cost() as cost:
        engine.step(2, torch.arange(BATCH), 0.0, 1e-3)
    # Six layers: forward, back to the weights, and back to the inputs but for the first.
    assert cost.products == 3 * 6 - 1
    assert cost.flops == BATCH * (3 * (ENCODER + DECODER) - 2 * PIXELS * 500)
    assert cost.kernels <= 141, sorted(cost.names)
    # In units of a batch of images: reading, scoring and its gradient, and hidden layers between.
    assert cost.written / (BATCH * PIXELS) <= 27


def test_a_step_of_training_in_python(engine):
    engine.model.train()
    with calls() as found:
        reseed(0, 0, 1)
        engine.step(2, torch.arange(BATCH), 0.0, 1e-3)
    assert found[0] <= 340


def test_a_bound_encodes_and_decodes_once(session):
    task = session.task
    with Cost() as cost:
        per_example(task.model, task.train)
    batches = -(-len(task.train) // 500)
    assert cost.products == 6 * batches
    assert cost.flops == len(task.train) * (ENCODER + DECODER)
    assert cost.written / (len(task.train) * PIXELS) <= 18


def test_evidence_makes_few_passes_over_the_pixels(session):
    x = session.task.train.read(torch.arange(64))
    model, k = session.model, 640
    with Cost() as cost, model.seeing(complete=True):
        ImportanceSampling(samples=k)(model, x)
    assert cost.flops == 64 * (ENCODER + k * DECODER)
    # The bias, seven passes of the Bernoulli, two hidden layers and what there is of latents.
    assert cost.written / (64 * k * PIXELS) <= 9.2


def test_encoding_looks_at_the_rows_and_nothing_else(session, images):
    vae = VAE().adopt(session.config, session.model, [])
    with Cost() as cost:
        vae.transform(images)
    assert cost.flops == len(images) * ENCODER
    assert cost.written / images.size <= 6.7


def test_small_data_pay_for_no_machinery(images):
    vae = lt.VAE(n_components=2, max_epochs=1, random_state=0, device="cpu").fit(images)
    training = vae.config_.training
    assert (training.precision, training.compile) == ("float32", "no")
    assert not [reason for reason in vae.config_.reasons if reason.startswith("precision")]
