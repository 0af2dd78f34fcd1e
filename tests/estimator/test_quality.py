"""What an estimator compares: samples and real examples of one kind, as many of each."""

import numpy as np
import pytest
import torch

import latentia as lt
from latentia.errors import RunError, UsageError
from latentia.estimator import _quality

SMALL = {"network": {"name": "mlp", "hidden": (8,)}, "max_epochs": 1, "device": "cpu"}


@pytest.fixture(scope="module")
def images():
    """600 grey images (5, 4) of bytes, mostly black or white."""
    rng = np.random.default_rng(0)
    return (255 * rng.beta(0.2, 0.4, (600, 5, 4))).astype(np.uint8)


@pytest.fixture(scope="module")
def fitted(images):
    def fit(**options):
        return lt.VAE(2, **SMALL, **options).fit(images[:300])

    return fit


@pytest.fixture
def compared(monkeypatch):
    """Catch the sets that are compared."""
    caught = []

    def catch(*sets):
        caught.append(sets)

    monkeypatch.setattr(_quality, "quality", catch)

    def compare(model, x, beside, **options):
        model.quality(x, beside, feature="pca", **options)
        return caught[-1]

    return compare


def is_binary(x):
    return bool(((x == 0) | (x == 1)).all())


@pytest.mark.parametrize(
    ("options", "values", "binary"),
    [
        ({"binarize": "dynamic"}, "draw", (True, True)),
        ({"binarize": "dynamic"}, "mean", (False, False)),
        ({"binarize": "threshold"}, "draw", (True, True)),
        # The model knows of no grey, so there is none to compare its means with.
        ({"binarize": "threshold"}, "mean", (True, False)),
        ({"binarize": "none", "likelihood": "bernoulli"}, "draw", (True, True)),
        ({"binarize": "none", "likelihood": "bernoulli"}, "mean", (False, False)),
        ({"binarize": "none", "likelihood": "discretized-logistic"}, "draw", (False, False)),
    ],
)
def test_both_are_of_one_kind(fitted, images, compared, options, values, binary):
    model = fitted(**options)
    real, drawn, other, *_ = compared(model, images[300:], images[:300], values=values, n=120)
    assert (is_binary(real), is_binary(drawn)) == binary
    assert is_binary(other) == is_binary(real)
    assert real.shape == drawn.shape == other.shape == (120, 1, 5, 4)
    told = _quality.kind_of(model, values)
    assert ("black and white" in told) == (values == "draw" and binary[1])
    assert ("binarized" in told) == binary[0]
    if not binary[0]:
        levels = (255 * real).round()
        assert torch.allclose(levels, 255 * real, atol=1e-4) and levels.max() > 200


def test_a_coin_has_the_mean_of_its_grey(fitted, images, compared):
    same = np.repeat(images[:1], 3000, axis=0)
    real, _, other, *_ = compared(fitted(binarize="dynamic"), same, same)
    grey = torch.from_numpy(images[0] / 255.0).float()
    assert torch.allclose(real.mean((0, 1)), grey, atol=0.04)
    # The other set's coins are others: nine in ten agree where grey is nearly black or white.
    agree = (real == other).double().mean((0, 1))
    assert torch.allclose(agree.float(), grey**2 + (1 - grey) ** 2, atol=0.05)


def test_the_samples_are_those_of_sample(fitted, images, compared):
    model = fitted()
    for values, draw in (("draw", model.sample), ("mean", model.sample_mean)):
        drawn = compared(model, images[300:], images[:300], values=values, n=150, random_state=4)[
            1
        ]
        assert (drawn[:, 0].numpy() == draw(150, random_state=4)).all()


def test_of_each_set_there_are_as_many_as_of_the_fewest(fitted, images, compared):
    model = fitted(binarize="threshold")
    assert [len(x) for x in compared(model, images[300:450], images[:300])[:3]] == [150] * 3
    assert [len(x) for x in compared(model, images[300:], images[:120])[:3]] == [120] * 3
    real, _, other, *_ = compared(model, images[300:], images[:300], n=200)
    assert len(real) == 200
    # Chosen by the seed, from everywhere, no row twice and in their order.
    flat = (images.reshape(600, -1) >= 127.5).astype(int)
    for x, part in ((real, flat[300:]), (other, flat[:300])):
        keys = ["".join(map(str, row)) for row in part]
        places = [keys.index("".join(map(str, row))) for row in x.flatten(1).int().tolist()]
        assert len(set(places)) > 195 and max(places) > 270  # pictures may be alike
    again = compared(model, images[300:], images[:300], n=200)
    other_seed = compared(model, images[300:], images[:300], n=200, random_state=1)
    assert all(torch.equal(a, b) for a, b in zip((real, other), again[::2], strict=False))
    assert not torch.equal(real, other_seed[0])


def test_a_model_of_p_of_x_given_c_samples_under_the_conditions_of_x(images, compared):
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 600)
    x = np.where(y[:, None, None] == 1, 255, images // 8).astype(np.uint8)
    model = lt.ConditionalVAE(2, **SMALL | {"max_epochs": 30}, learning_rate=0.03).fit(x, y)
    given = model.given(y)
    real, drawn, *_ = compared(given, x, x, n=300)
    bright = real.flatten(1).mean(1) > 0.5
    assert 100 < bright.sum() < 200
    assert ((drawn.flatten(1).mean(1) > 0.5) == bright).all()
    ones = compared(model.given(1), x, x, n=300)[1]
    assert (ones.flatten(1).mean(1) > 0.5).all()


def test_numbers_come_back_and_repeat(fitted, images):
    model = fitted()
    one, again = (
        model.quality(images[300:], images[:300], feature={"name": "pca", "components": 3})
        for _ in range(2)
    )
    assert one == again and one.n == 300 and one.dimensions == 3
    assert one.drawn.frechet_squared > one.floor.frechet_squared


def test_what_cannot_be_compared_is_refused(fitted, images, says):
    model = fitted()
    with pytest.raises(UsageError) as caught:
        model.quality(images[:300], images[300:])
    says(caught.value, "made for 'array'", "feature='pca'")
    with pytest.raises(UsageError) as caught:
        model.quality(images[:99], images[300:], feature="pca")
    says(caught.value, "there are 99 examples to compare with, 300 others")
    for bad in ({"n": 150.0}, {"neighbours": "5"}, {"values": "means"}):
        with pytest.raises(UsageError, match=r"whole number|no values called 'means'"):
            model.quality(images[:300], images[300:], feature="pca", **bad)
    with pytest.raises(UsageError) as caught:
        model.quality(images[:300], images[300:], feature="mnist-classifier")
    says(caught.value, "28x28 grey images", "1x5x4")
    flat = lt.VAE(2, **SMALL).fit(images.reshape(600, -1))
    with pytest.raises(RunError) as caught:
        flat.quality(images.reshape(600, -1), images.reshape(600, -1), feature="pca")
    says(caught.value, "row of numbers", "(n, H, W)")
    points = lt.AutoEncoder(2, **SMALL).fit(images)
    with pytest.raises(RunError) as caught:
        points.quality(images, images, feature="pca")
    says(caught.value, "no prior", "latentia fit-prior")
    again = points.fit_prior(images, "mixture", epochs=1)
    assert again.quality(images, images, feature="pca").n == 600
