"""The encoder that rounds to words of a codebook."""

import itertools
import math
from copy import deepcopy

import numpy as np
import pytest
import torch

import latentia as lt
from latentia import room
from latentia.errors import UsageError
from latentia.evidence.enumeration import Enumeration
from latentia.evidence.importance import ImportanceSampling
from latentia.evidence.naive import NaiveMonteCarlo
from latentia.evidence.quadrature import Quadrature
from latentia.objective.commitment import VQVAE
from latentia.objective.elbo import ELBO

IMAGES = torch.tensor(list(itertools.product([0.0, 1.0], repeat=4))).double()
WORDS = {"name": "vector-quantized", "choices": 2, "width": 3}
PRIORS = [
    {"name": "categorical", "choices": 2},
    {"name": "autoregressive", "choices": 2, "layers": 1, "width": 16},
]


@pytest.fixture(params=["vector", "residual", "scalar"])
def posterior(request):
    return {
        "vector": WORDS,
        "residual": WORDS | {"depth": 2},
        "scalar": {"name": "scalar-quantized", "choices": 2},
    }[request.param]


def spread_words(model):
    """Put the words where the encoder's vectors are, so that several are used."""
    codebook = getattr(model.posterior, "codebook", None)
    if codebook is not None:
        with torch.no_grad():
            torch.manual_seed(5)
            codebook.words.copy_(torch.randn(codebook.words.shape))
    return model


@pytest.mark.parametrize("prior", PRIORS, ids=lambda p: p["name"])
class TestProbability:
    @pytest.fixture
    def model(self, model_of, posterior, prior):
        return spread_words(model_of(4, 6, posterior=posterior, prior=prior, spread=0.8))

    def test_all_images_together_have_probability_one(self, model):
        found = Enumeration()(model, IMAGES).log_likelihood
        assert found.exp().sum().item() == pytest.approx(1, abs=1e-6)

    def test_the_elbo_is_the_term_of_one_code_in_the_sum_over_all(self, model):
        terms, z = model(IMAGES), model.posterior(IMAGES).mean
        joint = model.log_likelihood(IMAGES, z) + model.prior().log_prob(z)
        torch.testing.assert_close(terms.elbo, joint)
        assert (terms.log_qz_x == 0).all()
        assert (terms.elbo < Enumeration()(model, IMAGES).log_likelihood).all()
        assert len(z.unique(dim=0)) > 1

    def test_what_cannot_estimate_names_what_can(self, model, says):
        with pytest.raises(UsageError) as caught:
            Quadrature().require(model)
        says(caught.value, "choices of one of several", "--evidence naive or enumeration")

    def test_more_samples_say_nothing_more_and_are_refused_as_an_estimate(self, model, says):
        torch.testing.assert_close(
            model(IMAGES, samples=50).log_w.logsumexp(0) - math.log(50), model(IMAGES).elbo
        )
        with pytest.raises(UsageError) as caught:
            ImportanceSampling(samples=50)(model, IMAGES)
        says(caught.value, "single code", "--importance", "enumeration")

    def test_samples_of_the_prior_estimate_what_the_sum_is(self, model):
        torch.manual_seed(0)
        found = NaiveMonteCarlo(samples=20_000)(model, IMAGES)
        exact = Enumeration()(model, IMAGES).log_likelihood
        assert ((found.log_likelihood - exact).abs() <= 5 * found.error + 1e-6).all()


def test_under_an_untrained_prior_every_code_costs_log_k_a_choice(model_of, posterior):
    model = model_of(4, 6, posterior=posterior, prior=PRIORS[0])
    expected = torch.full((16,), 2 * math.log(3)).double()
    torch.testing.assert_close(model(IMAGES).regularization, expected)


@pytest.mark.parametrize("samples", [1, 3])
def test_the_gradient_is_straight_through(model_of, posterior, samples):
    """The decoder's is exact; the encoder's is that at what it was rounded to, and what it pays.

    By hand: log p(x|z) of the words as they are, its slope in them handed to the vectors.
    """
    model = spread_words(
        model_of(4, 6, posterior=posterior, prior=PRIORS[1], spread=0.5, network=_bent())
    )
    commits = model.posterior.commits
    objective = VQVAE(commitment=0.7) if commits else ELBO(samples=samples)
    x = IMAGES[:7]
    objective(objective.terms(model, x)).sum().backward()

    q = model.posterior(x)
    vectors, words = q.encoded, model.posterior.embedded(q.mean).detach().requires_grad_()
    assert (words - vectors).abs().max() > 0.05
    model.likelihood.embed = None
    value = model.likelihood(words).log_prob(x)
    decoder = list(model.likelihood.parameters())
    slope, *exact = torch.autograd.grad(value.sum(), [words, *decoder])
    for parameter, expected in zip(decoder, exact, strict=True):
        torch.testing.assert_close(parameter.grad, expected)
    if commits:
        away = (q.strayed.rest - q.strayed.words).detach()  # of every round from its word
        slope = slope - 0.7 * 2 * away.sum(-2).flatten(1)
    encoder = list(model.posterior.parameters())
    expected = torch.autograd.grad(vectors, encoder, slope)
    for parameter, own in zip(encoder, expected, strict=True):
        torch.testing.assert_close(parameter.grad, own)
        assert own.abs().max() > 1e-3


def _bent():
    return {"name": "mlp", "hidden": (8,), "activation": "tanh"}


def test_a_copy_of_a_model_decodes_by_its_own_codebook(model_of):
    model = spread_words(model_of(4, 6, posterior=WORDS, prior=PRIORS[0], spread=0.8))
    other = deepcopy(model)
    before = model(IMAGES).elbo
    with torch.no_grad():
        other.posterior.codebook.words.zero_()
    assert torch.equal(model(IMAGES).elbo, before)
    z = model.posterior(IMAGES).mean
    assert not torch.equal(other.log_likelihood(IMAGES, z), model.log_likelihood(IMAGES, z))
    assert list(model.state_dict()) == list(other.state_dict())
    assert sum("words" in name for name in model.state_dict()) == 1


def test_a_codebook_follows_training_and_nothing_else(model_of):
    model = spread_words(model_of(4, 6, posterior=WORDS, prior=PRIORS[0], spread=0.8))
    book, objective = model.posterior.codebook, VQVAE()
    before = book.words.clone()
    objective.terms(model, IMAGES)
    assert torch.equal(book.words, before)  # measured, not trained
    model.train()
    model.posterior(IMAGES)
    assert torch.equal(book.words, before)
    objective.terms(model, IMAGES)
    assert not torch.equal(book.words, before)
    with model.evaluating():
        now = book.words.clone()
        objective.terms(model, IMAGES)
        assert torch.equal(book.words, now)


def test_the_gradient_is_that_of_the_words_before_they_followed(model_of):
    """A step with the codebook following has the gradient of one without."""
    found = []
    for train in (False, True):
        model = spread_words(model_of(4, 6, posterior=WORDS, prior=PRIORS[0], spread=0.8))
        model.train(train)
        objective = VQVAE()
        objective(objective.terms(model, IMAGES)).sum().backward()
        found.append([parameter.grad for parameter in model.parameters()])
    for one, other in zip(*found, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"choices": 4}, "choices"),
        ({"choices": 2, "depth": 3}, "2 words cannot be written 3 to a vector"),
        ({"choices": 2, "depth": 0}, "depth"),
        ({"width": 0}, "width=0"),
        ({"decay": 1.0}, "decay=1.0"),
        ({"restart": -0.1}, "restart=-0.1"),
        ({"restart": float("nan")}, "restart=nan"),
    ],
)
def test_what_cannot_be_is_refused(options, words):
    offer = {"network": room.build("network", "linear"), "x_shape": (5,), "latent_dim": 6}
    with pytest.raises(UsageError, match=words):
        room.build("posterior", {"name": "vector-quantized", **options}, **offer)


def test_other_choices_than_the_prior_s_are_refused_before_training(latentia, inked_path, says):
    said = latentia(
        *("train", inked_path, "--posterior", "vector-quantized", "--prior", "autoregressive"),
        *("--latent-dim", 12, "--posterior.choices", 3, "--objective", "commitment"),
    )
    assert said.code == 2
    says(said.err, "3 choices of 4, and the prior 1 of 12", "--prior.choices", "same number")


@pytest.mark.parametrize("codebook", ["average", "loss"])
@pytest.mark.parametrize("depth", [1, 2])
def test_it_finds_the_clusters_that_there_are(codebook, depth):
    random = np.random.default_rng(0)
    kinds = random.random((4, 12)) < 0.5
    y = random.integers(0, 4, 600)
    x = (kinds[y] ^ (random.random((600, 12)) < 0.05)).astype(np.uint8)
    words = {"name": "vector-quantized", "choices": depth, "depth": depth, "width": 2}
    vae = lt.VAE(
        n_components=8,
        variational=words | {"codebook": codebook, "decay": 0.9},
        prior={"name": "autoregressive", "choices": depth, "layers": 1, "width": 16},
        objective="commitment",
        max_epochs=60,
        learning_rate=5e-3,
        random_state=1,
    ).fit(x)
    z = vae.transform(x)
    _, found = np.unique(z, axis=0, return_inverse=True)
    pure = sum(np.bincount(y[found == k]).max() for k in np.unique(found))
    assert pure >= 0.9 * 600
    exact = Enumeration()(vae.model_, torch.tensor(x).float()).log_likelihood.mean().item()
    bound = vae.elbo(x).elbo.mean()
    assert -12 * np.log(2) < bound <= exact + 1e-4
    np.testing.assert_array_equal(vae.reconstruct(x), vae.inverse_transform(z))
