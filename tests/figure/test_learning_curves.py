import dataclasses
import math

from latentia import figure
from latentia.figure.learning_curves import LearningCurves


def test_curves_are_the_numbers_of_the_run(stand_in):
    subject = stand_in.digits()
    drawn = figure.draw("learning-curves", subject)
    assert len(drawn.axes) == 4
    train, validation, best = drawn.axes[0].lines
    rows = [row for row in subject.metrics if row["split"] == "validation"]
    assert list(validation.get_ydata()) == [row["elbo"] for row in rows]
    assert len(train.get_xdata()) == 20
    top = max(rows, key=lambda row: row["elbo"])
    assert list(best.get_xdata()) == [top["epoch"]]
    assert 1 < top["epoch"] < 20  # the best epoch is not simply the last


def test_labels_carry_units(stand_in):
    axes = figure.draw("learning-curves", stand_in.digits()).axes
    assert axes[0].get_ylabel() == "ELBO (nats per example)"
    assert [ax.get_title(loc="left") for ax in axes[1:]] == [
        "reconstruction (nats per example)", "KL (nats per example)", "active latents",
    ]  # fmt: skip
    assert axes[0].get_xlabel() == axes[-1].get_xlabel() == "epoch"


def test_nats_that_are_no_likelihood_carry_a_star(stand_in):
    subject = stand_in.mixture()
    drawn = figure.draw("learning-curves", subject)
    assert drawn.axes[0].get_ylabel() == "ELBO* (nats per example)"
    assert [ax.get_title(loc="left") for ax in drawn.axes[1:3]] == [
        "reconstruction* (nats per example)", "KL (nats per example)",
    ]  # fmt: skip
    assert "* (epoch" in drawn.axes[0].lines[-1].get_label()
    assert drawn.get_supxlabel() == f"* no likelihood: {subject.no_likelihood}."


def test_an_autoencoder_has_a_reconstruction_and_nothing_else(stand_in):
    drawn = figure.draw("learning-curves", stand_in.autoencoder())
    (ax,) = drawn.axes
    assert ax.get_ylabel() == "reconstruction* (nats per example)"
    rows = [row for row in stand_in.metrics() if row["split"] == "validation"]
    assert list(ax.lines[1].get_ydata()) == [row["reconstruction"] for row in rows]


def test_noisy_training_is_told(stand_in):
    subject = dataclasses.replace(stand_in.digits(), trained_on_noise=True)
    assert "from noisy input" in figure.draw("learning-curves", subject).get_supxlabel()


def test_the_learning_rate_on_request(stand_in):
    drawn = figure.draw("learning-curves", stand_in.digits(), learning_rate=True)
    assert len(drawn.axes) == 5


def test_training_alone_and_numbers_that_are_none(stand_in):
    rows = [
        {"epoch": e, "split": "train", "elbo": math.nan if e == 1 else -float(e), "kl": None,
         "reconstruction": -1.0, "active_units": None}
        for e in (1, 2, 3)
    ]  # fmt: skip
    subject = dataclasses.replace(stand_in.digits(), metrics=rows)
    drawn = figure.draw("learning-curves", subject)
    assert len(drawn.axes) == 2
    assert "best training" in drawn.axes[0].lines[-1].get_label()


def test_one_epoch_is_no_curve(stand_in):
    subject = dataclasses.replace(stand_in.digits(), metrics=stand_in.metrics(1))
    assert "1 epoch," in LearningCurves().reason_not(subject)
