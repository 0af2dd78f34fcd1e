"""Numbers that float32 cannot hold: shifted where a shift is enough, refused where it is not."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv

import latentia as lt
from latentia.data import Data, Schema, load

rng = np.random.default_rng(0)
SMALL = {"max_epochs": 3, "network": {"name": "mlp", "hidden": (8,)}, "random_state": 0}


def clock(n=500, start=1_700_000_000, span=3600):
    return np.stack([start + rng.permutation(span)[:n], rng.normal(size=n)], axis=1)


class TestFarFromZero:
    @pytest.mark.parametrize("start", [1_700_000_000, -1_700_000_000, 1_700_000_000_000])
    def test_no_value_is_lost(self, start, tmp_path):
        x = clock(start=start, span=60_000)
        np.save(tmp_path / "unix.npy", x)
        d = load(str(tmp_path / "unix.npy"))
        np.testing.assert_array_equal(d.x[:, 0], x[:, 0])
        seen = d.model_array()
        assert seen.dtype == np.float32 and len(np.unique(seen[:, 0])) == 500
        assert np.abs(seen).max() < 60_001
        np.testing.assert_array_equal(d.schema.from_model(seen)[:, 0], x[:, 0])
        np.testing.assert_allclose(d.schema.from_model(seen)[:, 1], x[:, 1], rtol=1e-6)

    def test_a_table_keeps_its_milliseconds(self, tmp_path):
        x = clock(start=1_700_000_000_000, span=60_000)
        table = pa.table({"when": x[:, 0].astype(np.int64), "b": x[:, 1], "c": x[:, 1] ** 2})
        csv.write_csv(table, tmp_path / "t.csv")
        d = load(str(tmp_path / "t.csv"))
        assert d.schema.constant == () and d.describe()[0]["kind"] == "whole"
        assert any("'when'" in note and "differences" in note for note in d.notes)
        assert Data.from_array(table, like=d.schema).schema.offset == d.schema.offset

    def test_few_distinct_values_are_seen_as_they_are(self):
        x = rng.normal(size=(300, 2))
        x[:, 0] = 1.7e12 + rng.integers(0, 3, 300)
        notes = " ".join(Data.from_array(pa.table({"t": x[:, 0], "b": x[:, 1]})).notes)
        assert "'t' (3 values)" in notes

    def test_a_stray_zero_does_not_hide_the_rest(self):
        x = clock()
        x[3, 0] = 0
        assert len(np.unique(Data.from_array(x).model_array()[:, 0])) == 500

    def test_missing_cells_and_constants_beside_them_stay(self):
        x = np.insert(clock(), 0, 7, axis=1)
        x[4, 1] = np.nan
        d = Data.from_array(x)
        assert d.schema.constant == (0,) and d.schema.model_shape == (2,)
        back = d.schema.from_model(d.model_array())
        np.testing.assert_allclose(back, x, rtol=1e-6)
        np.testing.assert_array_equal(back[:, 1], x[:, 1])

    def test_it_survives_json_and_other_data(self):
        x = clock()
        schema = Data.from_array(x).schema
        assert Schema.from_dict(schema.to_dict()) == schema
        later = Data.from_array(x[:7] + np.array([10_000, 0]), like=schema)
        np.testing.assert_array_equal(later.x[:, 0], x[:7, 0] + 10_000)
        np.testing.assert_allclose(
            later.model_array()[:, 0], x[:7, 0] + 10_000 - schema.offset[0], rtol=1e-6
        )

    def test_ordinary_columns_stay_float32(self):
        x = rng.normal(size=(60, 3)) * [1, 1e6, 1e-6] + [5, 0, 0]
        d = Data.from_array(x)
        assert d.schema.offset == () and d.x.dtype == np.float32

    def test_the_rounding_of_float64_is_no_variation(self):
        x = rng.normal(size=(60, 3))
        x[:, 1] = 0.1 + 0.2 * rng.integers(0, 2, 60) * 1e-16
        x[:, 2] += 1.7e9
        assert Data.from_array(x).schema.constant == (1,)

    def test_shares_that_float32_cannot_tell_apart(self):
        x = rng.uniform(size=(60, 2))
        x[:, 0] = 0.5 + 1e-9 * x[:, 0]
        d = Data.from_array(x)
        assert d.schema.constant == () and len(np.unique(d.model_array()[:, 0])) == 60

    def test_nats_do_not_change_by_a_shift(self):
        x = rng.normal(size=(200, 2)).round(3)
        here, there = (lt.VAE(1, **SMALL).fit(x + shift) for shift in (0, 1.7e9))
        a, b = here.score_samples(x, 20), there.score_samples(x + 1.7e9, 20)
        np.testing.assert_allclose(a, b, atol=2e-3)
        far = there.sample(200)[:, 0]
        assert abs(far.mean() - 1.7e9) < 1 and 0.3 < far.std() < 3

    def test_a_saved_run_gives_them_back(self, tmp_path):
        x = clock(60)
        vae = lt.VAE(1, **SMALL).fit(x)
        again = lt.load(vae.save(tmp_path / "run"))
        np.testing.assert_array_equal(again.reconstruct(x), vae.reconstruct(x))
        assert np.abs(again.reconstruct(x)[:, 0] - x[:, 0]).max() < 3600


class TestMagnitudes:
    @pytest.mark.parametrize(("scale", "word"), [(1e30, "large"), (1e-30, "little apart")])
    def test_what_leaves_float32_is_refused(self, scale, word, refused):
        x = rng.normal(size=(60, 3))
        x[:, 1] *= scale
        with refused(word, "column 1", "Rescale"):
            Data.from_array(x)
        with refused(word, "memory", "Rescale"):
            Data.from_array(rng.normal(size=(20, 5, 5)) * scale)
        with refused(word, "column 'b'", "Rescale"):
            Data.from_array(pa.table({"a": x[:, 0], "b": x[:, 1]}))

    @pytest.mark.parametrize("scale", [1e14, 1e-13])
    def test_what_float32_holds_is_taken(self, scale):
        x = rng.normal(size=(60, 3)) * scale
        d = Data.from_array(x)
        assert not [note for note in d.notes if "Wild" in note]
        assert np.isfinite(lt.VAE(1, **SMALL).fit(x).score(x))

    def test_large_values_beside_a_large_spread_are_not_wild(self):
        x = rng.normal(size=(60, 2)) * 9e14
        assert not [note for note in Data.from_array(x).notes if "Wild" in note]

    def test_the_command_line_ends_with_3(self, latentia, tmp_path):
        np.save(tmp_path / "huge.npy", rng.normal(size=(60, 3)) * 1e30)
        done = latentia("train", str(tmp_path / "huge.npy"), "--out", str(tmp_path / "run"))
        assert done.code == 3 and "Rescale" in done.err
        assert not (tmp_path / "run").exists()
