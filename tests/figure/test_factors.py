import dataclasses

import numpy as np
import pytest

from latentia import figure
from latentia.errors import UsageError
from latentia.evaluation.mutual_information import entropies, information, mig


@pytest.fixture
def given(stand_in):
    return stand_in.digits()


def test_cells_are_nats_and_shades_are_shares_of_the_entropy(given, image_of, tick_labels):
    codes = given.model.transform(given.test_x)
    table = np.stack(list(given.factors.values()), 1)
    told, entropy = information(codes, table).T, entropies(table)
    ax = figure.draw("factors", given).axes[0]
    np.testing.assert_allclose(image_of(ax), told / entropy[:, None])
    assert [float(text.get_text()) for text in ax.texts] == pytest.approx(told.ravel(), abs=0.006)
    assert tick_labels(ax.xaxis) == ["$z_{1}$", "$z_{2}$"]
    assert tick_labels(ax.yaxis) == [f"parity ({entropy[0]:.2f})", f"ink ({entropy[1]:.2f})"]
    assert f"gap {mig(codes, table):.3f}, 2 of 2" in ax.get_title(loc="left")


def test_latents_that_do_not_move_tell_nothing_and_are_left_out_first(stand_in, tick_labels):
    wide = dataclasses.replace(stand_in.digits(6), factors=stand_in.digits().factors)
    spread = wide.model.transform(wide.test_x).var(0, ddof=1)
    idle = np.flatnonzero(spread <= 0.01)
    assert len(idle) == 3
    ax = figure.draw("factors", wide, latents=3).axes[0]
    assert tick_labels(ax.xaxis) == [f"$z_{{{d + 1}}}$" for d in range(6) if d not in idle]
    assert "3 of 6 latents" in ax.get_title(loc="left")


def test_a_column_is_of_the_latent_that_it_names(given, tick_labels):
    codes = given.model.transform(given.test_x)
    sign = (codes[:, 1] > 0).astype(int)
    only = dataclasses.replace(given, factors={"sign": sign})
    ax = figure.draw("factors", only, latents=1).axes[0]
    assert tick_labels(ax.xaxis) == ["$z_{2}$"]
    (text,) = ax.texts
    assert float(text.get_text()) == pytest.approx(
        information(codes, sign[:, None])[1, 0], abs=0.006
    )


@pytest.mark.parametrize(
    ("factors", "what"),
    [({}, "no factors of these data are known"), ({"a": [0] * 600}, "the same for all 600")],
)
def test_without_factors_there_is_nothing_to_draw(given, factors, what):
    with pytest.raises(UsageError, match=what):
        figure.draw("factors", dataclasses.replace(given, factors=factors))


def test_too_few_examples_of_a_value_are_refused(given):
    rare = {"rare": np.arange(600) % 30}
    with pytest.raises(UsageError, match="of value 10 of factor 'rare' there are 3 examples"):
        figure.draw("factors", dataclasses.replace(given, factors=rare), n=100)
