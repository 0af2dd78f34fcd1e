from dataclasses import replace

import numpy as np

from latentia import figure
from latentia.figure.traversals import Traversals


def test_rows_by_kl_and_one_latent_moves_at_a_time(stand_in, tick_labels):
    subject = stand_in.digits(5)
    subject.model.seen.clear()
    (ax,) = figure.draw("traversals", subject, n=3, steps=7, example=4).axes
    kl = subject.model.elbo(subject.test_x, random_state=0).kl_per_dim.mean(axis=0)
    order = np.argsort(-kl)
    assert tick_labels(ax.yaxis) == [f"$z_{{{d + 1}}}$: {kl[d]:.2f} nats" for d in order[:3]]
    (z,) = [seen for seen in subject.model.seen if len(seen) == 21]
    z = z.reshape(3, 7, 5)
    base = subject.model.transform(subject.test_x[4:5])[0]
    for row, d in enumerate(order[:3]):
        assert np.allclose(z[row, :, d], np.linspace(-3, 3, 7))
        assert np.allclose(np.delete(z[row], d, axis=1), np.delete(base, d))


def test_without_a_normal_prior_the_codes_say_how_far(stand_in, tick_labels):
    subject = stand_in.mixture()
    codes = subject.model.transform(subject.test_x)
    subject.model.seen.clear()
    drawn = figure.draw("traversals", subject, steps=3)
    z = subject.model.seen[-1].reshape(2, 3, 2)
    first = int(np.argmax(codes.var(axis=0)))
    ends = codes.mean(axis=0)[first] + codes.std(axis=0)[first] * np.array([-3, 0, 3])
    assert np.allclose(z[0, :, first], ends)
    assert all("var." in label for label in tick_labels(drawn.axes[0].yaxis))
    assert "standard deviations of the codes" in drawn.get_supxlabel().replace("\n", " ")


def test_around_zero(stand_in):
    subject = stand_in.digits(5)
    subject.model.seen.clear()
    drawn = figure.draw("traversals", subject, example=-1, steps=3)
    z = subject.model.seen[-1].reshape(5, 3, 5)
    assert np.all((z != 0).sum(axis=-1) <= 1)
    assert "at zero" in drawn.get_supxlabel()


def test_columns_are_labelled_with_their_values(stand_in, tick_labels):
    (ax,) = figure.draw("traversals", stand_in.digits(), steps=5).axes
    assert tick_labels(ax.xaxis) == ["−3.0", "−1.5", "0", "+1.5", "+3.0"]


def test_a_tables_columns_are_lines(stand_in):
    subject = stand_in.table()
    axes = figure.draw("traversals", subject).axes
    assert len(axes) == 3
    assert [line.get_label() for line in axes[0].lines] == list(subject.column_names)
    assert axes[0].get_ylabel() == "E[x|z] (std. dev.)"
    slopes = np.diff(axes[0].lines[0].get_ydata())
    assert np.allclose(slopes, slopes[0])  # the stand-in is linear


def test_an_example_must_exist(stand_in):
    assert "600" in Traversals(example=600).reason_not(stand_in.digits())


def test_what_is_zero_or_one_goes_from_zero_to_one(stand_in, tick_labels):
    subject = replace(stand_in.SUBJECTS["mixture"](), prior="bernoulli", space="binary")
    figure = Traversals(n=2, steps=3)
    decoded = figure._decoded(subject, np.array([0, 1]))
    z = np.asarray(subject.model.transform(subject.test_x[:1]))[0]
    for row, d in enumerate((0, 1)):
        for step, value in enumerate((0.0, 0.5, 1.0)):
            moved = z.copy()
            moved[d] = value
            expected = subject.model.inverse_transform(moved[None])[0]
            np.testing.assert_allclose(decoded[row, step], expected, atol=1e-6)
    assert "from 0 to 1" in figure._note(subject, "mean KL")
    assert figure._labels(subject) == ["0", "0.5", "1.0"]


def test_choices_do_not_move_by_themselves(stand_in):
    subject = replace(stand_in.SUBJECTS["mixture"](), prior="categorical", space="one-hot")
    assert "choices" in Traversals().reason_not(subject)
