"""lt.VAE and lt.AutoEncoder: the surface of the contract, with scikit-learn's manners."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch.distributions import Distribution

import latentia as lt
from latentia.errors import DataError, RunError, UsageError
from latentia.evaluation.bound import per_example

QUICK = {"max_epochs": 2, "network": {"name": "mlp", "hidden": (16,)}, "device": "cpu"}


@pytest.fixture(scope="module")
def vae(inked):
    return lt.VAE(n_components=3, random_state=0, **QUICK).fit(inked)


@pytest.fixture(scope="module")
def point(inked):
    return lt.AutoEncoder(n_components=3, random_state=0, **QUICK).fit(inked)


@pytest.fixture(scope="module")
def grey(inked):
    return lt.VAE(2, likelihood="bernoulli", binarize="none", **QUICK).fit(inked)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    a = rng.normal(50, 20, (90, 1))
    return np.concatenate([a, a / 100 + rng.normal(0, 0.1, (90, 1)), rng.normal(size=(90, 2))], 1)


def assert_same(first, again):
    for a, b in zip(first, again, strict=True):
        assert np.array_equal(a, b)


class TestSurface:
    def test_shapes_and_types(self, vae, inked):
        n = len(inked)
        z = vae.transform(inked)
        assert (z.shape, z.dtype) == ((n, 3), np.float32)
        for x in (vae.inverse_transform(z), vae.reconstruct(inked), vae.sample_mean(n)):
            assert (x.shape, x.dtype) == ((n, 6, 6), np.float32)
            assert x.min() >= 0
            assert x.max() <= 1
        assert vae.sample(5).shape == (5, 6, 6)
        assert vae.interpolate(inked[0], inked[1]).shape == (11, 6, 6)
        nats = vae.elbo(inked)
        assert nats.elbo.shape == nats.reconstruction.shape == nats.kl.shape == (n,)
        assert nats.kl_per_dim.shape == (n, 3)
        assert vae.score_samples(inked, n_importance=4).shape == (n,)
        assert isinstance(vae.score(inked), float)
        q = vae.posterior(inked)
        assert isinstance(q, Distribution)
        assert (q.batch_shape, q.event_shape) == ((n,), (3,))

    def test_what_was_learned_is_told(self, vae):
        assert vae.n_features_in_ == 36
        assert vae.latent_dim_ == 3
        assert vae.schema_.shape == (6, 6)
        assert [row["split"] for row in vae.history_] == ["train", "validation"] * 2
        assert vae.is_generative

    def test_a_fit_transform_is_a_fit_and_a_transform(self, inked, vae):
        again = lt.VAE(n_components=3, random_state=0, **QUICK).fit_transform(inked)
        assert np.array_equal(again, vae.transform(inked))

    def test_labels_are_left_alone(self, inked, vae):
        again = lt.VAE(n_components=3, random_state=0, **QUICK).fit(
            inked, np.arange(len(inked)) % 3
        )
        assert np.array_equal(again.transform(inked), vae.transform(inked))


class TestNats:
    def test_the_bound_is_its_parts(self, vae, inked):
        nats = vae.elbo(inked)
        np.testing.assert_allclose(nats.elbo, nats.reconstruction - nats.kl, atol=1e-4)
        np.testing.assert_allclose(nats.kl, nats.kl_per_dim.sum(1), atol=1e-4)
        assert (nats.kl >= 0).all()

    def test_the_bound_is_the_evaluated_one(self, vae, inked):
        found = per_example(vae.model_, vae.examples(inked), seed=7)
        nats = vae.elbo(inked, random_state=7)
        assert_same(
            (nats.elbo, nats.reconstruction, nats.kl, nats.kl_per_dim),
            (part.numpy() for part in found[:4]),
        )

    def test_beta_is_not_in_it(self, inked):
        heavy = lt.VAE(2, beta=30.0, **QUICK).fit(inked)
        nats = heavy.elbo(inked)
        np.testing.assert_allclose(nats.elbo, nats.reconstruction - nats.kl, atol=1e-4)
        assert heavy.config_.objective["beta"] == 30.0

    def test_importance_sampling_is_above_the_bound_on_average(self, vae, inked):
        assert vae.score_samples(inked, 200).mean() > vae.elbo(inked).elbo.mean() - 0.1
        assert vae.score(inked) == pytest.approx(vae.score_samples(inked).mean())

    def test_no_likelihood_is_refused(self, grey, inked, says):
        for method in (grey.score_samples, grey.score):
            with pytest.raises(RunError) as caught:
                method(inked)
            says(caught.value, "no log-likelihood", "mend:", "binarize='dynamic'")


class TestDeterminism:
    def test_the_same_twice(self, vae, inked):
        def found():
            nats = vae.elbo(inked)
            return (
                *(vae.transform(inked), vae.reconstruct(inked), vae.score_samples(inked, 3)),
                *(nats.elbo, nats.kl, vae.sample(4), vae.sample_mean(4)),
            )

        assert_same(found(), found())

    def test_the_seed_decides_draws(self, vae, inked):
        assert not np.array_equal(vae.sample(9, random_state=1), vae.sample(9, random_state=2))
        assert not np.array_equal(
            vae.elbo(inked, random_state=1).elbo, vae.elbo(inked, random_state=2).elbo
        )

    def test_the_seed_decides_the_noise_of_x_too(self, vae, monkeypatch):
        z = torch.zeros(9, 3)
        monkeypatch.setattr(vae, "_prior_draws", lambda *given: z)
        assert not np.array_equal(vae.sample(9, random_state=1), vae.sample(9, random_state=2))

    @pytest.mark.parametrize("maker", [np.random.RandomState, np.random.default_rng])
    def test_a_generator_of_numpy_is_a_random_state(self, vae, inked, maker):
        same = [vae.sample(4, random_state=maker(5)) for _ in "ab"]
        assert_same(*same)
        generator = maker(5)
        first, second = (vae.sample(4, random_state=generator) for _ in "ab")
        assert np.array_equal(first, same[0])
        assert not np.array_equal(first, second)
        fits = [lt.VAE(2, random_state=maker(seed), **QUICK).fit(inked) for seed in (1, 1, 2)]
        z = [fit.transform(inked) for fit in fits]
        assert np.array_equal(z[0], z[1])
        assert not np.array_equal(z[0], z[2])
        assert isinstance(fits[0].config_.training.seed, int)

    def test_none_draws_anew(self, vae, inked):
        assert not np.array_equal(
            vae.sample_mean(9, random_state=None), vae.sample_mean(9, random_state=None)
        )
        fits = [lt.VAE(2, random_state=None, **QUICK).fit(inked).transform(inked) for _ in "ab"]
        assert not np.array_equal(*fits)

    def test_a_row_alone_is_encoded_as_among_others(self, vae, inked):
        np.testing.assert_allclose(vae.transform(inked[3:4]), vae.transform(inked)[3:4], atol=1e-6)

    def test_nothing_random_is_left_behind(self, vae, inked):
        torch.manual_seed(3)
        before = torch.get_rng_state()
        vae.sample(3)
        vae.elbo(inked)
        vae.score_samples(inked, 2)
        assert torch.equal(torch.get_rng_state(), before)


class TestInputs:
    def test_layouts_and_scales_of_the_same_pictures_give_the_same_model(self, inked):
        wishes = {**QUICK, "likelihood": "bernoulli", "binarize": "threshold"}
        shaped = lt.VAE(2, **wishes).fit(inked)
        scaled = lt.VAE(2, **wishes).fit(inked / np.float32(255))
        np.testing.assert_allclose(
            shaped.transform(inked), scaled.transform(inked / np.float32(255)), atol=1e-4
        )
        # What a model was fitted on as (n, 6, 6), it takes flat too.
        flat = inked.reshape(len(inked), 36)
        assert np.array_equal(shaped.transform(flat), shaped.transform(inked))

    def test_flat_rows_of_a_picture(self):
        x = lt.data.load("mnist5k").x[:60].reshape(60, 784)
        vae = lt.VAE(2, **QUICK).fit(x)
        assert vae.transform(x).shape == (60, 2)
        assert vae.sample(2).shape[0] == 2

    def test_a_table_with_holes(self, table):
        holed = table.copy()
        holed[::7, 1] = np.nan
        vae = lt.VAE(2, **QUICK).fit(holed)
        assert np.isfinite(vae.transform(holed)).all()
        assert np.isfinite(vae.reconstruct(holed)).all()
        assert np.isfinite(vae.elbo(holed).elbo).all()
        # A missing cell costs nothing: the bound of a row without it is another.
        assert not np.allclose(vae.elbo(holed).elbo[::7], vae.elbo(table).elbo[::7])

    def test_a_data_frame(self, table):
        import pyarrow

        frame = pyarrow.table({name: table[:, i] for i, name in enumerate("abcd")})
        vae = lt.VAE(2, **QUICK).fit(frame)
        assert vae.schema_.columns == ("a", "b", "c", "d")
        shuffled = frame.select(["d", "b", "a", "c"])
        assert np.array_equal(vae.transform(shuffled), vae.transform(frame))

    def test_numbers_come_back_in_their_units(self, table):
        vae = lt.VAE(2, max_epochs=60, **{k: v for k, v in QUICK.items() if k != "max_epochs"})
        vae.fit(table)
        samples = vae.sample(400)
        assert abs(samples[:, 0].mean() - 50) < 15
        assert 5 < samples[:, 0].std() < 60

    @pytest.mark.parametrize("method", ["transform", "reconstruct", "elbo", "score_samples"])
    @pytest.mark.parametrize(
        ("shape", "words"),
        [
            *(((4, 7, 7), "(n, 6, 6)"), ((4, 35), "(n, 6, 6)")),
            *(((6, 6), "x[None]"), ((36,), "x[None]")),
        ],
    )
    def test_wrong_shapes(self, vae, method, shape, words, says):
        with pytest.raises(DataError) as caught:
            getattr(vae, method)(np.zeros(shape, np.uint8))
        says(caught.value, words, "mend:")

    @pytest.mark.parametrize(
        ("z", "words"),
        [
            *((np.zeros(shape), "shape (n, 3)") for shape in ((2, 4), (3,), (1, 3, 1), (0, 3))),
            (np.array([[0, 1, 2], [0, np.nan, 2]]), "first in row 1"),
            (np.full((1, 3), np.inf), "1 of 1 rows"),
            (np.zeros((1, 3)) + 1j, "complex"),
        ],
    )
    def test_wrong_latents(self, vae, z, words, says):
        with pytest.raises(UsageError) as caught:
            vae.inverse_transform(z)
        says(caught.value, words, "transform")

    @pytest.mark.parametrize(
        ("options", "error", "words"),
        [
            ({"n_components": 0}, UsageError, "at least one latent"),
            ({"likelihood": "bernuli"}, UsageError, "Did you mean 'bernoulli'?"),
            ({"prior": {"name": "mixture", "component": 3}}, UsageError, "'components'"),
            ({"beta": 2.0, "objective": "iwae"}, UsageError, "the objective is iwae"),
            ({"device": "tpu"}, UsageError, "auto, cpu, cuda"),
            ({"random_state": -1}, UsageError, "from 0"),
            ({"random_state": np.random}, UsageError, "whole number from 0"),
            ({"random_state": 1.5}, UsageError, "None for a fresh one"),
            ({"n_components": "three"}, UsageError, "whole number, not 'three'"),
            ({"n_components": 2.5}, UsageError, "whole number, not 2.5"),
            ({"likelihood": None}, UsageError, "None is no likelihood"),
            ({"network": 32}, UsageError, "32 is no network"),
            ({"binarize": "dynamically"}, UsageError, "dynamic, threshold, none"),
            ({"max_epochs": -1}, UsageError, "at least 0"),
            ({"settings": {"epocs": 3}}, UsageError, "Did you mean 'epochs'?"),
            ({"settings": {"schedule": "fast"}}, UsageError, "'cosine' or 'constant'"),
        ],
    )
    def test_wrong_arguments(self, inked, options, error, words, says):
        with pytest.raises(error) as caught:
            lt.VAE(**{**QUICK, **options}).fit(inked)
        says(caught.value, words)

    def test_options_without_a_name_belong_to_the_default(self, inked):
        vae = lt.VAE(2, objective={"free_bits": 0.1}, prior={}, **QUICK).fit(inked)
        assert vae.config_.objective["name"] == "elbo"
        assert vae.config_.objective["free_bits"] == 0.1
        assert vae.config_.model.prior["name"] == "standard-normal"

    def test_no_samples_of_z(self, vae, inked, says):
        with pytest.raises(UsageError) as caught:
            vae.score_samples(inked, 0)
        says(caught.value, "At least one sample of z")

    @pytest.mark.parametrize("n", [0, -1, 2.5])
    def test_no_samples(self, vae, n, says):
        for method in (vae.sample, vae.sample_mean):
            with pytest.raises(UsageError) as caught:
                method(n)
            says(caught.value, "At least one sample")


class TestScikitLearn:
    @pytest.mark.parametrize("cls", [lt.VAE, lt.AutoEncoder])
    def test_parameters_are_read_set_and_cloned(self, cls):
        first = cls(n_components=4, learning_rate=0.01)
        assert first.get_params()["learning_rate"] == 0.01
        assert first.set_params(batch_size=7) is first
        again = clone(first)
        assert again is not first
        assert again.get_params() == first.get_params()
        assert "VAE" in repr(first) or "AutoEncoder" in repr(first)

    @pytest.mark.parametrize("cls", [lt.VAE, lt.AutoEncoder])
    def test_nothing_works_before_it_is_fitted(self, cls, inked, tmp_path):
        model = cls()
        for use in (
            *(lambda: model.transform(inked), lambda: model.reconstruct(inked)),
            *(lambda: model.elbo(inked), lambda: model.sample(2), lambda: model.posterior(inked)),
            *(lambda: model.examples(inked), lambda: model.save(tmp_path / "r")),
            *(lambda: model.inverse_transform(np.zeros((1, 2))), lambda: model.is_generative),
            *([lambda: model.score_samples(inked)] * hasattr(model, "score_samples")),
        ):
            with pytest.raises(NotFittedError):
                use()
        assert not (tmp_path / "r").exists()

    def test_a_pipeline(self, table):
        pipe = make_pipeline(StandardScaler(), lt.VAE(2, **QUICK)).fit(table)
        z = pipe.transform(table)
        assert z.shape == (90, 2)
        assert pipe.inverse_transform(z).shape == table.shape
        assert np.isfinite(pipe.score(table))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            again = clone(pipe).fit(table)
        assert np.array_equal(again.transform(table), z)

    def test_fitting_again_starts_anew(self, inked, vae):
        model = lt.VAE(n_components=3, random_state=0, **QUICK).fit(inked[:60])
        model.fit(inked)
        assert np.array_equal(model.transform(inked), vae.transform(inked))


class TestSaving:
    def test_a_loaded_model_is_the_saved_one(self, vae, inked, tmp_path):
        assert vae.save(tmp_path / "run") == tmp_path / "run"
        again = lt.load(tmp_path / "run", device="cpu")
        assert isinstance(again, lt.VAE)
        assert_same(
            (vae.transform(inked), vae.elbo(inked).elbo, vae.sample(3)),
            (again.transform(inked), again.elbo(inked).elbo, again.sample(3)),
        )
        assert again.history_ == vae.history_

    def test_a_loaded_model_knows_how_it_was_made(self, inked, tmp_path):
        first = lt.VAE(
            2, beta=2.0, random_state=4, corruption="masking", settings={"clip": 3.0}, **QUICK
        ).fit(inked)
        first.save(tmp_path / "run")
        loaded = lt.load(tmp_path / "run", device="cpu")
        asked = {"clip": 3.0, "precision": "float32", "compile": "no"}  # as auto chose them
        assert loaded.settings == asked
        again = clone(loaded).fit(inked)
        assert np.array_equal(again.transform(inked), first.transform(inked))

    def test_an_autoencoder_comes_back_as_one(self, point, inked, tmp_path):
        point.save(tmp_path / "run")
        again = lt.load(tmp_path / "run", device="cpu")
        assert isinstance(again, lt.AutoEncoder)
        assert np.array_equal(again.transform(inked), point.transform(inked))


class TestAutoEncoder:
    def test_it_has_no_prior_to_sample(self, point, says):
        assert not point.is_generative
        for method in (point.sample, point.sample_mean):
            with pytest.raises(RunError) as caught:
                method(2)
            says(caught.value, "prior")

    @pytest.mark.parametrize("name", ["score", "score_samples", "evidence"])
    def test_what_has_no_likelihood_has_no_score(self, point, vae, name, says):
        """Before it is fitted too: searches ask then."""
        assert hasattr(vae, name) and hasattr(lt.VAE(), name)
        for model in (point, lt.AutoEncoder()):
            assert not hasattr(model, name)
            with pytest.raises(AttributeError) as caught:
                getattr(model, name)
            says(caught.value.__cause__, "no log-likelihood", "elbo(X).reconstruction", "VAE")

    def test_its_objective_is_the_reconstruction(self, point, inked):
        nats = point.elbo(inked)
        assert nats.elbo is nats.kl is nats.log_pz is None
        validated = [row for row in point.history_ if row["split"] == "validation"]
        assert all(row["objective"] == row["reconstruction"] for row in validated)
        assert all(row["elbo"] is row["kl"] is None for row in point.history_)

    def test_it_says_that_its_numbers_are_no_likelihood(self, point):
        assert "point mass" in point.config_.no_likelihood


class TestInterpolation:
    @pytest.mark.parametrize("method", ["linear", "spherical"])
    @pytest.mark.parametrize("which", ["vae", "point"])
    def test_the_ends_are_the_reconstructions(self, request, which, method, inked):
        model = request.getfixturevalue(which)
        path = model.interpolate(inked[0], inked[7], steps=5, method=method)
        ends = model.reconstruct(inked[[0, 7]])
        np.testing.assert_allclose(path[[0, -1]], ends, atol=1e-5)

    def test_the_spherical_way_keeps_its_length(self):
        from latentia.estimator._path import path_between

        a, b = np.array([2.0, 0.0]), np.array([0.0, 2.0])
        around = path_between(a, b, 9, "spherical")
        np.testing.assert_allclose(np.linalg.norm(around, axis=1), 2.0)
        assert np.linalg.norm(path_between(a, b, 9)[4]) == pytest.approx(np.sqrt(2))
        # Equal steps along the arc.
        angles = np.arctan2(around[:, 1], around[:, 0])
        np.testing.assert_allclose(np.diff(angles), np.pi / 16)

    @pytest.mark.parametrize("b", [[0.0, 0.0], [1.0, 0.0], [-3.0, 0.0]])
    def test_where_there_is_no_arc_it_goes_straight(self, b):
        from latentia.estimator._path import path_between

        a = np.array([1.0, 0.0])
        np.testing.assert_allclose(
            path_between(a, np.array(b), 4, "spherical"), path_between(a, np.array(b), 4)
        )

    def test_ends_of_other_shapes(self, vae, inked, says):
        with pytest.raises(UsageError) as caught:
            vae.interpolate(inked[0], inked[:2])
        says(caught.value, "(6, 6) and (2, 6, 6)", "two single examples")

    def test_latents_that_are_no_numbers(self, vae, says):
        with pytest.raises(UsageError) as caught:
            vae.inverse_transform([["a", "b", "c"]])
        says(caught.value, "Latents must be real numbers")

    @pytest.mark.parametrize("options", [{"steps": 1}, {"method": "curly"}])
    def test_ways_that_cannot_be(self, vae, inked, options, says):
        with pytest.raises(UsageError) as caught:
            vae.interpolate(inked[0], inked[1], **options)
        says(caught.value, "at least 2 steps", "linear or spherical")


def test_evidence_takes_any_method_of_its_room(inked):
    vae = lt.VAE(2, network={"hidden": (8,)}, max_epochs=1).fit(inked)
    by_grid = vae.evidence(inked[:4], method="quadrature")
    many = vae.evidence(inked[:4], 20_000)
    assert np.abs((by_grid.each - many.each).numpy()).max() < 0.1
    tight = vae.evidence(inked[:4], method={"name": "quadrature", "tolerance": 1e-5})
    assert tight.error.max() <= by_grid.error.max() + 1e-9
    with pytest.raises(UsageError, match="Did you mean"):
        vae.evidence(inked[:4], method="quadratur")
    with pytest.raises(UsageError, match="not Gaussian"):
        vae.evidence(inked[:4], method="exact")
