"""The KL of many latents is told by group, and nobody who reads metrics is misled by it."""

import json

import numpy as np
import pytest
from starlette.testclient import TestClient

from latentia.data import Data
from latentia.design import Wishes
from latentia.evaluation import by_group
from latentia.evaluation.bound import bound
from latentia.request import DataRequest
from latentia.run import Run
from latentia.session import Plan, prepare
from latentia.training import loop
from latentia.training.progress import Quiet
from latentia.training.settings import Settings

# Two groups of 16 x 16 places: 1,280 latents, of which a row of metrics would be 30 kB.
LARGE = {"name": "ladder", "groups": (1, 1), "width": 4, "channels": 4, "patch": 1, "blocks": 0}


@pytest.fixture(scope="module")
def ladder(tmp_path_factory, latentia):
    """Train a ladder of 1,280 latents for two epochs by the command line."""
    folder = tmp_path_factory.mktemp("ladder")
    x = (np.random.default_rng(0).random((60, 16, 16)) < 0.3).astype(np.uint8)
    np.save(folder / "x.npy", x)
    options = [f"--network.{k}={','.join(map(str, v)) if isinstance(v, tuple) else v}"
               for k, v in LARGE.items() if k != "name"]  # fmt: skip
    said = latentia(
        *("train", folder / "x.npy", "--out", folder / "run", "--network", "ladder", *options),
        *("--epochs", 2, "--batch-size", 16, "--binarize", "none"),
    )
    assert said.code == 0, said.err
    return folder / "run"


def test_sums_are_those_of_the_latents_of_each_group():
    each = np.arange(10.0).tolist()
    assert by_group.sums(each, (3, 1, 6)) == [3.0, 3.0, 39.0]


def test_a_short_row_and_one_without_groups_stay_as_they_are():
    row = {"kl": 3.0, "kl_per_dim": [1.0, 2.0]}
    assert by_group.grouped(row, (1, 1)) is row
    long = {"kl": 0.0, "kl_per_dim": [0.0] * (by_group.MOST + 1)}
    assert by_group.grouped(long, ()) is long
    nothing = {"kl": 3.0, "kl_per_dim": None}
    assert by_group.grouped(nothing, (2000,)) is nothing


def test_rows_of_a_large_ladder_are_short_and_add_up(ladder):
    rows = Run(ladder).metrics()
    assert len(rows) == 4
    for row in rows:
        assert row["kl_per_dim"] is None and len(row["kl_by_group"]) == 2
        assert sum(row["kl_by_group"]) == pytest.approx(row["kl"], rel=1e-5)
    assert max(map(len, (ladder / "metrics.jsonl").read_text().splitlines())) < 1000


def test_they_are_the_bound_that_is_evaluated(inked_path):
    x = (np.random.default_rng(1).random((60, 16, 16)) < 0.3).astype(np.uint8)
    plan = Plan(wishes=Wishes(network=LARGE, binarize="none"), settings=Settings(epochs=1))
    session = prepare(Data.from_array(x), plan, DataRequest("x"))
    session.train(Quiet())
    found = bound(session.model, session.task.validation, seed=loop._VALIDATION_SEED)
    sizes = by_group.group_sizes(session.model)
    assert sum(sizes) == session.config.model.latent_dim > by_group.MOST
    assert session.history[-1]["kl_by_group"] == by_group.sums(found.kl_per_dim, sizes)


def test_figures_card_and_resume_read_them(ladder, latentia, tmp_path):
    said = latentia("figure", ladder, "learning-curves", "--out", tmp_path)
    assert said.code == 0, said.err
    card = (ladder / "README.md").read_text()
    best = max((r for r in Run(ladder).metrics() if r["split"] == "validation"),
               key=lambda row: row["elbo"])  # fmt: skip
    assert f"{best['elbo']:.2f}" in card and f"| {best['kl']:.2f} |" in card
    said = latentia("train", "--resume", "--out", ladder, "--epochs", 3)
    assert said.code == 0, said.err
    assert [row["epoch"] for row in Run(ladder).metrics()] == [1, 1, 2, 2, 3, 3]


def test_an_older_file_of_long_rows_is_read_by_the_page(ladder, tmp_path):
    import shutil

    from latentia.command._explored import explored
    from latentia.command._inputs import Asked
    from latentia.explorer.explorer import Explorer
    from latentia.shell import Shell

    old = tmp_path / "old"
    shutil.copytree(ladder, old)
    rows = Run(old).metrics()
    model = Run(old).load_model()
    sizes = by_group.group_sizes(model)
    each = np.repeat(0.001, sum(sizes)).tolist()
    for row in rows:
        row.pop("kl_by_group")
        row["kl_per_dim"] = each
    (old / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html>")
    subject = explored(Shell(device="cpu", quiet=True), old, Asked(None, "test"), 5)
    app = Explorer(subject, folder=page).app()
    client = TestClient(app, base_url="http://127.0.0.1")
    with client:
        told = client.get("/page-data/metrics").json()
    assert len(told) == len(rows)
    for row in told:
        assert row["kl_per_dim"] is None
        assert row["kl_by_group"] == pytest.approx([0.001 * size for size in sizes])
