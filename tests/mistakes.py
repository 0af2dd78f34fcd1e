"""What published packages got wrong, in a few lines each; `test_lessons.py` catches it."""

import math

import torch
from torch import nn
from torch.distributions import Independent, MixtureSameFamily, Normal

from latentia.evidence.base import Evidence, EvidenceEstimator
from latentia.objective.base import Objective, with_gradient_of
from latentia.training.checkpoint import Progress

# 1: estimates of log p(x)


def _estimate(log_w):
    """Return the log mean weight with the error that importance sampling states."""
    share = log_w.softmax(0)
    error = (share.square().sum(0) - 1 / len(log_w)).clamp_min(0).sqrt()
    return Evidence(log_w.logsumexp(0) - math.log(len(log_w)), error)


class _Sampled(EvidenceEstimator):
    def __init__(self, samples=2000):
        self.samples = samples

    @torch.no_grad()
    def __call__(self, model, x):
        with model.evaluating():
            return self.of(model(x, self.samples), x)


class AnalyticKL(_Sampled):
    """The closed form of the KL inside the log-sum-exp."""

    def of(self, terms, x):
        return _estimate(terms.log_px_z - terms.kl)


class WeightedSum(_Sampled):
    """The surrogate of the gradient, the sum of normalized weights times log w, as the bound."""

    def of(self, terms, x):
        found = _estimate(terms.log_w)
        return found._replace(
            log_likelihood=(terms.log_w.softmax(0) * terms.log_w).sum(0).double()
        )


class MeanOverPixels(_Sampled):
    """A reconstruction averaged over pixels beside a KL summed over latents."""

    def of(self, terms, x):
        mean = terms.log_px_z / x[0].numel()
        return _estimate(mean + terms.log_pz - terms.log_qz_x)


class WorstFirst(_Sampled):
    """Weights of the wrong sign: the worst sample counts most."""

    def of(self, terms, x):
        found = _estimate(terms.log_w)
        share = (-terms.log_w).softmax(0)
        return found._replace(log_likelihood=(share * terms.log_w).sum(0).double())


def binarized_anew(model, examples, samples, seed):
    """Every sample of z sees another binarization of x."""
    torch.manual_seed(seed)
    rows = torch.arange(len(examples))
    with torch.no_grad(), model.evaluating():
        log_w = torch.cat([model(examples.read(rows)).log_w for _ in range(samples)])
    return log_w.logsumexp(0) - math.log(samples)


# 2: densities and their draws


class InOrder(MixtureSameFamily):
    """The first n components instead of n draws of a component."""

    def sample(self, sample_shape=()):
        (n,) = sample_shape
        each = self.component_distribution.sample()
        return each.repeat(math.ceil(n / len(each)), 1)[:n]


class MostLikely(MixtureSameFamily):
    """The component of the largest weight instead of a draw."""

    def sample(self, sample_shape=()):
        best = self.mixture_distribution.logits.argmax()
        return self.component_distribution.sample(sample_shape)[:, best]


class TanhWhenSampling(Independent):
    """A log-variance that goes through tanh when sampling, and raw into the density."""

    def sample(self, sample_shape=()):
        log_variance = 2 * self.base_dist.scale.log()
        return Normal(self.mean, (log_variance.tanh() / 2).exp()).sample(sample_shape)


# 3: batches


def _batches(model, x):
    with torch.no_grad():
        return [model(part).elbo for part in x.split(500)]


def sum_over_batch(model, x):
    return torch.stack([each.sum() for each in _batches(model, x)]).mean().item()


def mean_of_batch_means(model, x):
    return torch.stack([each.mean() for each in _batches(model, x)]).mean().item()


# 4: groups


class SwappedGroups(Objective):
    """The logarithm of means over the M groups, averaged over the K samples."""

    def __init__(self, *, samples, groups):
        self.groups, self.samples = groups, samples * groups

    def __call__(self, terms, epoch=math.inf):
        log_w = terms.log_w.reshape(self.groups, -1, terms.log_w.shape[1])
        return (log_w.logsumexp(0) - math.log(self.groups)).mean(0)


# 5: gradients


def loop(zero_grad=True, encoder_twice=False):
    """Return a training loop with one of two mistakes."""

    def fit(task, settings, observer):
        optimizer = torch.optim.Adam(task.model.parameters(), lr=settings.learning_rate)
        for rows in torch.arange(len(task.train)).split(settings.batch_size):
            terms = task.objective.terms(task.model, task.train.read(rows))
            if zero_grad:
                optimizer.zero_grad()
            (-task.objective(terms).mean()).backward(retain_graph=True)
            if encoder_twice:  # the decoder's own loss, through a z that is not detached
                encoder = list(task.model.posterior.parameters())
                (-terms.reconstruction.mean()).backward(inputs=encoder)
            optimizer.step()
            observer.step(Progress(), 2, terms)

    return fit


class LeakingFreeBits(Objective):
    """Free bits in the value, and the KL's gradient all the same."""

    def __call__(self, terms, epoch=math.inf):
        free = terms.kl_per_dim.clamp_min(100.0).sum(-1)
        return terms.reconstruction - with_gradient_of(free, terms.kl)


class DeadKL(Objective):
    """A KL clamped at a capacity of 0, so that nothing regularizes the encoder."""

    def __call__(self, terms, epoch=math.inf):
        return terms.reconstruction - terms.kl.clamp(0.0, 0.0)


class SquaredForAll(Objective):
    """Doubly reparameterized weights, but for the decoder too."""

    samples = 4
    path_only = True

    def __call__(self, terms, epoch=math.inf):
        share = terms.log_w.softmax(0).detach()
        return (share**2 * terms.log_w).sum(0)


# 6: reports


def objective_as_elbo(model, examples, objective):
    with torch.no_grad(), model.evaluating():
        terms = objective.terms(model, next(examples.batches(0)))
    return {"validation": objective(terms).mean().item()}


def without_two_pi(model, examples, objective):
    x = next(examples.batches(0))
    with torch.no_grad(), model.evaluating():
        elbo = model(x).elbo.mean().item()
    return {"validation": elbo + x[0].numel() * math.log(2 * math.pi) / 2}


def clamped_probabilities(model, examples, objective):
    x = next(examples.batches(0))
    with torch.no_grad(), model.evaluating():
        terms, p = model(x), model.likelihood(model.posterior(x).mean).mean
    if bool(((x == 0) | (x == 1)).all()):  # black and white
        p = p.clamp(1e-5, 1 - 1e-5)
        log_px_z = (x * p.log() + (1 - x) * (1 - p).log()).sum(-1)
        return {"validation": (log_px_z - terms.kl).mean().item()}
    return {"validation": terms.elbo.mean().item()}


# 7: total correlation


def _table(model, examples, rows=None):
    x = next(examples.batches(0, len(examples)))[:rows]
    torch.manual_seed(0)
    q = model.posterior(x).base_dist
    return q.log_prob(q.sample()[:, None])


def weights_in_every_latent(model, examples):
    """The weight 1/n of a component added before the sum over latents: D times in q(z)."""
    each = _table(model, examples)
    weighted = each - math.log(len(each))
    return (weighted.sum(-1).logsumexp(1) - weighted.logsumexp(1).sum(-1)).mean().item()


def stratified_in_column_0(model, examples):
    """The stratified weights of a batch, with z's own weight in column 0, not the diagonal."""
    n, each = len(examples), _table(model, examples, 64)
    m = len(each) - 1
    weight = torch.full((m + 1, m + 1), 1 / m)
    weight.view(-1)[:: m + 1] = 1 / n
    weight.view(-1)[1 :: m + 1] = (n - m) / (n * m)
    weight[m - 1, 0] = (n - m) / (n * m)
    joint = (weight.log() + each.sum(-1)).logsumexp(1)
    return (joint - (weight.log()[..., None] + each).logsumexp(1).sum(-1)).mean().item()


# 8: embeddings


class _Wrapped:
    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)


class SampledEmbedding(_Wrapped):
    """An embedding that is a draw of q."""

    def transform(self, X):
        return self.posterior(X).sample().numpy()


class RawMeanDecoded(_Wrapped):
    """A reconstruction from the encoder's output, past the step between it and z."""

    def transform(self, X):
        return self.inner.transform(X) / 2

    def reconstruct(self, X):
        return self.inner.inverse_transform(self.inner.transform(X))


# 9: files


def pickled(estimator, path):
    """The module itself, which loading would execute."""
    path.mkdir()
    torch.save(estimator.model_, path / "model.pt")
    return path


def without_buffers(estimator, path):
    """The parameters alone: a running sigma and a standardization start over."""
    estimator.save(path)
    from latentia.run import Run

    model = Run(path).load_model()
    for module in model.modules():
        for name, buffer in module.named_buffers(recurse=False):
            setattr(module, name, torch.ones_like(buffer))
    Run(path).save_model(model)
    return path


# 10: what is no likelihood


def cross_entropy_as_likelihood(X, likelihood):
    """Nats of nothing: the binary cross-entropy of greys, or a squared error."""
    x = torch.from_numpy(X).float() / 255
    p = x.mean(0).clamp(0.01, 0.99).expand_as(x)
    if likelihood == "bernoulli":
        return -nn.functional.binary_cross_entropy(p, x, reduction="none").sum((1, 2))
    return -(x - p).square().sum((1, 2))
