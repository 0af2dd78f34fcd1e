"""Constant, discrete and wild columns of vectors: what would mislead a density is told."""

import numpy as np
import pyarrow as pa
import pytest

from latentia.data import Data, Schema, check

rng = np.random.default_rng(0)


def told(x, word):
    notes = [note for note in Data.from_array(x).notes if word in note]
    assert len(notes) <= 1
    return notes[0] if notes else ""


def with_constants(dtype=np.float32):
    x = rng.normal(size=(30, 5)).astype(dtype)
    x[:, [1, 4]] = 7.25, -3
    return x


class TestConstantColumns:
    def test_the_model_does_not_see_them_and_gives_them_back(self):
        x = with_constants()
        d = Data.from_array(x)
        assert (d.schema.shape, d.schema.model_shape) == ((5,), (3,))
        np.testing.assert_array_equal(d.x, x)
        np.testing.assert_array_equal(d.model_array(), x[:, [0, 2, 3]])
        np.testing.assert_array_equal(d.schema.from_model(d.model_array()), x)
        assert "constant: 2 of 5 (1, 4, counted from 0)" in d.notes[0]

    def test_they_survive_json(self):
        schema = Data.from_array(with_constants()).schema
        assert Schema.from_dict(schema.to_dict()) == schema

    def test_missing_cells_do_not_make_them_vary(self):
        x = with_constants()
        x[:9, 1] = np.nan
        assert Data.from_array(x).schema.constant_values == (7.25, -3)

    def test_a_column_never_seen_is_no_constant(self):
        x = rng.normal(size=(30, 3))
        x[:, 1] = np.nan
        assert Data.from_array(x).schema.constant == ()

    def test_shares_are_treated_alike_and_pixels_are_left(self):
        x = rng.uniform(size=(30, 4))
        x[:, 0] = 0.5
        assert Data.from_array(x).schema.model_shape == (3,)
        pixels = rng.integers(0, 256, (30, 5, 5), dtype=np.uint8)
        pixels[:, 0, 0] = 255
        for images in (pixels, pixels.reshape(30, 25), pixels / 255):
            assert Data.from_array(images).schema.constant == ()

    def test_new_data_that_differ_there_are_told(self):
        like = Data.from_array(with_constants()).schema
        same = Data.from_array(with_constants(np.float64)[:3], like=like)
        assert same.notes == () and same.schema.model_shape == (3,)
        new = with_constants()[:3]
        new[2, 4] = 0
        d = Data.from_array(new, like=like)
        assert "1 rows have another value" in d.notes[0]
        assert d.x[2, 4] == -3  # what the model says of it

    def test_nothing_but_constants_is_refused(self, refused):
        x = np.full((20, 2), 2.5)
        x[3, 0] = np.nan
        with refused("Every column is constant", "memory", "differ"):
            Data.from_array(x)

    def test_a_density_has_no_nats_of_them(self):
        import latentia as lt

        x = rng.normal(size=(60, 3)).astype(np.float32)
        small = {"max_epochs": 2, "network": {"name": "mlp", "hidden": (8,)}, "random_state": 0}
        alone = lt.VAE(2, **small).fit(x)
        beside = lt.VAE(2, **small).fit(np.insert(x, 1, 5, axis=1))
        np.testing.assert_array_equal(
            beside.score_samples(np.insert(x, 1, 5, axis=1), 5), alone.score_samples(x, 5)
        )
        assert beside.sample(3).shape == (3, 4) and (beside.sample(3)[:, 1] == 5).all()


class TestDiscreteColumns:
    def test_they_are_named_among_real_ones(self):
        table = {"a": rng.normal(size=60), "smokes": [0, 1] * 30, "자녀": [0, 1, 2] * 20}
        note = told(pa.table(table), "Discrete")
        assert "'smokes' (0 or 1), '자녀' (3 values)" in note and "mean nothing" in note

    @pytest.mark.parametrize(
        "x",
        [
            rng.normal(size=(60, 2)),
            rng.integers(18, 90, (300, 2)),
            rng.normal(size=(12, 2)).round(1),
            rng.integers(0, 2, (60, 2)),  # all of it: a Bernoulli, which is a probability
        ],
    )
    def test_numbers_of_many_values_are_none(self, x):
        assert told(x, "Discrete") == ""


class TestWildValues:
    @pytest.mark.parametrize("value", [1e30, -1e30, 5e3])
    def test_column_row_and_value_are_told(self, value):
        x = rng.normal(size=(60, 3))
        x[7, 2] = value
        note = told(x, "Wild values")
        assert f"row 7, column 2 (both counted from 0) is {value:g}" in note
        assert "NaN" in note and "logarithms" in note

    def test_the_wildest_is_shown_and_the_others_counted(self):
        x = rng.normal(size=60)
        x[[3, 9, 11]] = 1e8, -1e9, 1e7
        note = told(pa.table({"키": x, "b": rng.normal(size=60)}), "Wild values")
        assert "row 9 (counted from 0), column '키' is -1e+09" in note and "2 more" in note

    def test_a_few_do_not_hide_one_another(self):
        x = rng.normal(size=(50, 2))
        x[:20, 0] = 1e12 * rng.uniform(1, 2, 20)
        assert "and 19 more" in told(x, "Wild values")

    @pytest.mark.parametrize(
        "column",
        [
            rng.lognormal(8, 1, 500),
            np.where(rng.uniform(size=500) < 0.9, 0, rng.lognormal(8, 1, 500)),
            rng.standard_t(3, 500),
            1e9 + rng.normal(size=500),
        ],
    )
    def test_heavy_tails_and_rare_quantities_are_not_wild(self, column):
        assert told(np.stack([column, rng.normal(size=500)], 1), "Wild") == ""


def test_a_counting_column_of_an_array_is_told_and_kept():
    x = np.column_stack([np.arange(60), rng.normal(size=60)])
    d = Data.from_array(x)
    assert d.schema.model_shape == (2,)
    assert "Column 0 (counted from 0) counts the rows" in d.notes[0]


def test_the_summary_says_of_every_column_what_it_is():
    n = 60
    table = {
        "real": rng.normal(size=n),
        "whole": rng.permutation(n) * 3,
        "flag": [True, False] * 30,
        "few": [1.5, 2.5, 4.0] * 20,
        "holes": [None, None, *rng.normal(size=n - 2)],
    }
    found = {c.pop("name"): c for c in check(pa.table(table))["columns"]}
    kinds = {name: c["kind"] for name, c in found.items()}
    assert kinds == {
        **{"real": "real", "whole": "whole", "flag": "0 or 1", "few": "3 values"},
        "holes": "real",
    }
    assert (found["whole"]["low"], found["whole"]["high"]) == (0, 177)
    assert found["holes"]["missing"] == pytest.approx(2 / 60) and found["few"]["missing"] == 0
    assert check("digits")["columns"] == []
