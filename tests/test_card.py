"""The model card says what a stranger should know, and nothing that is no longer so."""

import shutil

import pytest

from latentia.card import write_card
from latentia.run import Run


@pytest.fixture
def run(inked_run, tmp_path):
    found = Run(shutil.copytree(inked_run, tmp_path / "strokes"))
    for path in found.path.glob("evaluation-*.json"):
        path.unlink()
    return found


def test_it_names_model_data_and_choices(run):
    write_card(run)
    text = (run.path / "README.md").read_text()
    config = run.config()
    for part in (
        *("# strokes", "variational autoencoder with 2 latents", "likelihood bernoulli"),
        *("96 training, 12 validation and 12 test", config.data.schema_.sha256, "lt.load"),
        *("Choices and why", "mostly ink or paper"),
    ):
        assert part in text, part
    assert "No likelihood" not in text
    assert "`inked.npy`: " in text and "/" not in text.split("## Data")[1].split(":")[0]


def test_the_best_epoch_is_the_best_one(run):
    write_card(run)
    rows = [row for row in run.metrics() if row["split"] == "validation"]
    best = max(rows, key=lambda row: row["elbo"])
    text = (run.path / "README.md").read_text()
    assert f"validation, epoch {best['epoch']} (best of 2) | {best['elbo']:.2f}" in text


def test_every_evaluated_part_has_its_row(run, latentia):
    for split in ("test", "validation"):
        assert latentia("evaluate", run.path, "--split", split, "--importance", 4).code == 0
    text = (run.path / "README.md").read_text()
    assert "| test, 12 examples |" in text
    assert "| validation, 12 examples |" in text
    assert text.count("(importance sampling, k = 4)") == 2


def test_where_numbers_are_no_likelihood_it_says_so(grey_run, point_run):
    for path, reason in ((grey_run, "cross-entropy"), (point_run, "point mass")):
        text = (path / "README.md").read_text()
        assert "**No likelihood**" in text
        assert reason in text
        assert "importance sampling" not in text
    assert "An autoencoder" in (point_run / "README.md").read_text()
