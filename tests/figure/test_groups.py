import dataclasses

import numpy as np
import pytest

from latentia import figure
from latentia.errors import UsageError
from latentia.figure.groups import _spread


def subject(stand_in, groups=(1, 1)):
    digits = stand_in.digits()

    def by_group(x):
        last = np.asarray(x, dtype=float) / 255
        return np.stack([last * step / len(groups) for step in range(len(groups) + 1)])

    return dataclasses.replace(digits, groups=groups, by_group=by_group)


def test_each_column_knows_one_group_more_and_says_what_it_cost(stand_in, image_of, tick_labels):
    given = subject(stand_in)
    drawn = figure.draw("groups", given, rows=3)
    (ax,) = drawn.axes
    assert image_of(ax).shape == (3 * 8 + 2, 4 * 8 + 3)
    labels = tick_labels(ax.xaxis)
    kl = given.model.elbo(given.test_x[:500], random_state=0).kl_per_dim.mean(0)
    assert labels == ["x", "none", f"1\n{kl[0]:.1f}", f"1 to 2\n{kl.sum():.1f}"]
    image = image_of(ax)
    x, last = image[:8, :8], image[:8, -8:]
    assert np.allclose(x, last, atol=1e-6)


def test_many_groups_are_shown_by_a_few():
    assert _spread(3, 10) == [0, 1, 2]
    assert _spread(40, 5)[0] == 0 and _spread(40, 5)[-1] == 39 and len(_spread(40, 5)) == 5


def test_latents_in_no_groups_are_refused(stand_in):
    with pytest.raises(UsageError, match="no groups"):
        figure.draw("groups", dataclasses.replace(stand_in.digits(), groups=()))
