"""What is reported is the bound itself, whatever was maximized."""

import pytest

from latentia.evaluation.bound import bound
from latentia.training import loop
from latentia.training.observer import chosen_by
from latentia.training.progress import Quiet

OBJECTIVES = [
    "elbo",
    {"name": "elbo", "beta": 8.0},
    {"name": "elbo", "beta": 0.0},
    {"name": "elbo", "warmup": 3.0},
    {"name": "elbo", "free_bits": 2.0},
    {"name": "iwae", "samples": 3},
]
CONTRACT = {
    *("epoch", "step", "seconds", "split", "elbo", "reconstruction", "kl"),
    *("kl_per_dim", "active_units", "learning_rate"),
}


@pytest.mark.parametrize("objective", OBJECTIVES, ids=str)
def test_the_reported_bound_is_the_evaluated_one(objective, make_session):
    session = make_session(objective=objective)
    session.train(Quiet())
    rows = [row for row in session.history if row["split"] == "validation"]
    best = max(rows, key=chosen_by)
    seed, noise = loop._VALIDATION_SEED, session.task.corruption
    found = bound(session.model, session.task.validation, seed=seed, corruption=noise)
    numbers = found.numbers(session.model)
    assert {name: best[name] for name in numbers} == numbers


@pytest.mark.parametrize("objective", OBJECTIVES[:-1], ids=str)
def test_training_rows_report_the_bound_too(objective, make_session):
    session = make_session(objective=objective)
    session.train(Quiet())
    for row in session.history:
        assert row["elbo"] == pytest.approx(row["reconstruction"] - row["kl"], abs=1e-4)
        assert sum(row["kl_per_dim"]) == pytest.approx(row["kl"], abs=1e-4)


def test_beta_changes_the_model_and_not_the_ruler(make_session):
    sessions = [
        make_session(
            objective={"name": "elbo", "beta": beta},
            epochs=20,
            learning_rate=0.02,
            corruption=None,
        )
        for beta in (0.1, 10.0)
    ]
    for session in sessions:
        session.train(Quiet())
    light, heavy = (session.history[-1] for session in sessions)
    assert heavy["kl"] < 0.5 * light["kl"]
    for row in (light, heavy):
        assert row["elbo"] == pytest.approx(row["reconstruction"] - row["kl"], abs=1e-6)


def test_a_row_has_every_key_of_the_contract_and_says_where_it_is(make_session):
    session = make_session()
    session.train(Quiet())
    places = [(row["epoch"], row["split"], row["step"]) for row in session.history]
    expected = [(e, s, 3 * e) for e in (1, 2, 3, 4) for s in ("train", "validation")]
    assert places == expected
    for row in session.history:
        assert set(row) == CONTRACT
        assert row["seconds"] > 0
    assert [row["learning_rate"] for row in session.history[::2]] == sorted(
        (row["learning_rate"] for row in session.history[::2]), reverse=True
    )


def test_the_cosine_ends_near_zero_and_constant_stays(make_session):
    for schedule, last in (("cosine", 0.0), ("constant", 1e-3)):
        session = make_session(schedule=schedule, epochs=20)
        session.train(Quiet())
        assert session.history[-1]["learning_rate"] == pytest.approx(last, abs=1e-5)
