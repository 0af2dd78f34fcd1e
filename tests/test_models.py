"""The page of published models: every row's options make a model that trains."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch

PAGE = (Path(__file__).parent.parent / "docs" / "models.md").read_text(encoding="utf8")
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]*`--[^|]*) \|", PAGE, re.M)
OPTIONS = [(name, options) for name, cell in ROWS for options in re.findall(r"`(--[^`]+)`", cell)]


def test_there_are_rows():
    assert len(OPTIONS) > 25


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    random = np.random.default_rng(0)
    np.save(folder / "images.npy", (random.random((60, 4, 4)) < 0.4).astype(np.uint8))
    colours = random.integers(0, 256, (60, 12, 12, 3), dtype=np.uint8)
    np.save(folder / "colours.npy", colours)
    table = random.normal(2, 3, (60, 5))
    table[3, 1] = np.nan
    np.save(folder / "table.npy", table)
    return folder


# A GPU records its steps after the third, so there are a few more of them.
DEVICES = {"cpu": [], "cuda": ["--device", "cuda", "--batch-size", "8"]}
there = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU to train on")


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=there)])
@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=[o[0] for o in OPTIONS])
def test_its_options_train(latentia, data, tmp_path, name, options, device):
    real = "gaussian" in options.split() or "student-t" in options
    file = data / ("table.npy" if real else "images.npy")
    if {"ms-ssim", "coupled-mixture", "autoregressive-levels"} & set(options.split()):
        file = data / "colours.npy"
        options += " --network mlp"
    quick = ["--epochs", "1", "--latent-dim", "3", "--network.hidden", "8", "--quiet"]
    if "--network ladder" in options:  # it has layers and latents of its own
        quick = ["--epochs", "1", "--network.channels", "8", "--quiet"]
    if "--condition label" in options:
        file = "mnist5k"
    if "--prior.components" in options:
        options = re.sub(r"--prior.components \d+", "--prior.components 4", options)
    if "--latent-dim" in options:  # choices times classes
        quick = ["--epochs", "1", "--network.hidden", "8", "--quiet"]
    quick += DEVICES[device]
    latentia("train", file, *shlex.split(options), *quick, "--out", tmp_path / "run")
    assert (tmp_path / "run" / "model.safetensors").exists()
