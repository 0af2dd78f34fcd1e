"""lt.ConditionalVAE: p(x|c) with every method of p(x)."""

import numpy as np
import pytest

import latentia as lt
from latentia.errors import DataError, UsageError
from latentia.evaluation.aggregate import aggregate

QUICK = {"max_epochs": 4, "network": {"name": "mlp", "hidden": (16,)}, "device": "cpu"}


@pytest.fixture(scope="module")
def halves():
    """Pictures whose upper or lower half is inked, and which half it is."""
    rng = np.random.default_rng(0)
    which = rng.integers(0, 2, 200)
    x = np.zeros((200, 6, 6))
    x[which == 0, :3], x[which == 1, 3:] = 1, 1
    noise = rng.random(x.shape) < 0.05
    return np.where(noise, 1 - x, x).astype(np.uint8), which


@pytest.fixture(scope="module")
def cvae(halves):
    settings = {**QUICK, "max_epochs": 60, "learning_rate": 1e-2}
    return lt.ConditionalVAE(2, random_state=0, **settings).fit(*halves)


def test_what_is_given_decides_what_is_drawn(cvae, halves):
    for which in (0, 1):
        drawn = cvae.given(which).sample(50)
        upper, lower = drawn[:, :3].mean(), drawn[:, 3:].mean()
        assert (upper > 0.7 > 0.3 > lower) if which == 0 else (lower > 0.7 > 0.3 > upper)
    assert cvae.given("1").sample_mean(3).shape == (3, 6, 6)


def test_the_right_condition_makes_an_example_likelier(cvae, halves):
    x, which = halves
    right = cvae.given(which).score(x)
    wrong = cvae.given(1 - which).score(x)
    assert right > wrong + 10
    nats = cvae.given(which).elbo(x)
    assert nats.elbo.mean() <= right + 0.1


def test_every_method_works_under_conditions(cvae, halves):
    x, which = halves
    under = cvae.given(which)
    z = under.transform(x)
    assert z.shape == (200, 2)
    assert under.inverse_transform(z).shape == under.reconstruct(x).shape == x.shape
    assert under.posterior(x).mean.shape == (200, 2)
    assert under.score_samples(x, 10).shape == (200,)
    assert under.moments(x)[1].shape == (200, 2)
    assert cvae.given(0).interpolate(x[0], x[1], steps=4).shape == (4, 6, 6)
    assert under.evidence(x[:200], method="quadrature").each.shape == (200,)


def test_one_example_is_the_same_alone_and_among_others(cvae, halves):
    x, which = halves
    together = cvae.given(which).transform(x)
    alone = np.concatenate(
        [cvae.given(int(w)).transform(x[i : i + 1]) for i, w in enumerate(which[:10])]
    )
    np.testing.assert_allclose(together[:10], alone, rtol=1e-5, atol=1e-6)


def test_without_conditions_or_with_others_it_says_so(cvae, halves):
    x, which = halves
    for call in (lambda: cvae.sample(2), lambda: cvae.transform(x), lambda: cvae.score(x)):
        with pytest.raises(UsageError, match="under which conditions"):
            call()
    with pytest.raises(UsageError, match=r"7.? is no label"):
        cvae.given(7)
    with pytest.raises(UsageError, match="200 examples, and 3 are asked for"):
        cvae.given(which).sample(3)
    with pytest.raises(UsageError, match="there are none"):
        lt.ConditionalVAE(2, **QUICK).fit(x)
    with pytest.raises(UsageError, match="no conditions"):
        lt.VAE(2, **{**QUICK, "max_epochs": 1}).fit(x).given(1)
    with pytest.raises(UsageError, match="conditional"):
        lt.VAE(2, prior="conditional", **QUICK).fit(x)
    with pytest.raises(UsageError, match="pseudo-input"):
        lt.ConditionalVAE(2, prior="vamp", **QUICK).fit(x, which)
    with pytest.raises(DataError, match="not known of 1"):
        lt.ConditionalVAE(2, **QUICK).fit(x, {"half": [None, *map(str, which[1:])]})


def test_given_leaves_the_model_as_it_is(cvae):
    under = cvae.given(0)
    assert under is not cvae and cvae.condition_ is None and under.model_ is cvae.model_
    assert cvae.model_.c is None


def test_saved_and_loaded_it_gives_the_same(cvae, halves, tmp_path):
    x, which = halves
    again = lt.load(cvae.save(tmp_path / "run"))
    assert isinstance(again, lt.ConditionalVAE)
    assert np.array_equal(again.given(which).transform(x), cvae.given(which).transform(x))
    assert np.array_equal(again.given("0").sample(4), cvae.given("0").sample(4))


@pytest.mark.parametrize("prior", ["conditional", "standard-normal", "mixture"])
def test_several_conditions_by_name_numbers_among_them(halves, prior):
    x, which = halves
    conditions = {"half": np.array(["up", "down"])[which], "size": np.linspace(0, 9, 200)}
    model = lt.ConditionalVAE(2, prior=prior, **QUICK).fit(x, conditions)
    assert [str(one) for one in model.schema_.conditions] == ["half (2 classes)", "size"]
    assert model.given({"half": "up", "size": 3.0}).sample(2).shape == (2, 6, 6)
    assert np.isfinite(model.given(conditions).score(x))
    columns = np.stack([np.linspace(0, 1, 200), which], axis=1)
    model = lt.ConditionalVAE(2, prior=prior, **QUICK).fit(x, columns)
    assert model.given(columns).transform(x).shape == (200, 2)


def test_a_prior_fitted_afterwards_keeps_the_conditions(cvae, halves):
    x, which = halves
    found = cvae.given(which).fit_prior(x, {"name": "mixture", "components": 3}, epochs=2)
    assert isinstance(found, lt.ConditionalVAE)
    assert found.given(1).sample(2).shape == (2, 6, 6)
    with pytest.raises(UsageError):
        cvae.fit_prior(x, "mixture", epochs=1)


def test_it_trains_compiled_as_it_is_written(halves):
    found = []
    for choice in ("no", "yes"):
        settings = {**QUICK, "settings": {"compile": choice}}
        found.append(lt.ConditionalVAE(2, **settings).fit(*halves).history_[-1]["elbo"])
    assert found[1] == pytest.approx(found[0], abs=1e-2)


def test_scikit_learns_way_of_passing_y(cvae, halves):
    x, which = halves
    assert cvae.score(x, which) == cvae.given(which).score(x)
    assert cvae.given(0).score(x, which) == cvae.given(which).score(x)
    model = lt.ConditionalVAE(2, random_state=0, **QUICK)
    z = model.fit_transform(x, which)
    assert np.array_equal(z, model.given(which).transform(x))


def test_arrow_tables_and_single_columns_are_conditions(halves):
    pa = pytest.importorskip("pyarrow")
    x, which = halves
    table = pa.table({"half": np.array(["up", "down"])[which].tolist(), "size": np.arange(200.0)})
    model = lt.ConditionalVAE(2, **QUICK).fit(x, table)
    assert [str(one) for one in model.schema_.conditions] == ["half (2 classes)", "size"]
    assert model.given(table).transform(x).shape == (200, 2)
    column = lt.ConditionalVAE(2, **QUICK).fit(x, which[:, None])
    assert column.schema_.conditions[0].classes == ("0", "1")
    with pytest.raises(UsageError, match="No condition"):
        column.given([])


@pytest.mark.parametrize("method", ["quadrature", "defensive", "annealed"])
def test_evidence_under_a_prior_that_depends_on_conditions(halves, method):
    x, which = halves
    model = lt.ConditionalVAE(2, prior="conditional", **QUICK).fit(x, which)
    given = {"name": method, **({"temperatures": 30} if method == "annealed" else {})}
    under = model.given(which[:20])
    found = under.evidence(x[:20], method=given)
    expected = under.evidence(x[:20], 4000)
    assert found.mean == pytest.approx(expected.mean, abs=0.1)


def test_a_distance_from_a_prior_that_depends_on_conditions(halves):
    x, which = halves
    objective = {"name": "mmd", "kl": 1.0}
    model = lt.ConditionalVAE(2, prior="conditional", objective=objective, **QUICK)
    assert np.isfinite(model.fit(x, which).score(x, which))
    with pytest.raises(UsageError, match="no one prior"):
        aggregate(model.model_, model.given(which).examples(x))
