"""Directions on the sphere, against scipy and quadrature."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from latentia.distribution.divergence import closed_form_kl
from latentia.distribution.von_mises_fisher import UniformSphere, VonMisesFisher

CASES = [
    (2, 0.05),
    (2, 30.0),
    (3, 1.0),
    (3, 5000.0),
    (10, 0.02),
    (10, 40.0),
    (60, 0.1),
    (60, 900.0),
]

# L, kappa, log I_{L/2-1}(kappa) - kappa and A(kappa) = I_{L/2} / I_{L/2-1}, by mpmath 1.3.0 to 40
# digits: mp.log(mp.besseli(L / 2 - 1, k)) - k, mp.besseli(L / 2, k) / mp.besseli(L / 2 - 1, k).
KNOWN = [
    (64, 0.001, -313.721199791307, 1.56249999963e-5),
    (64, 1, -100.571974575166, 0.01562130259862),
    (64, 100, -8.01102492029316, 0.7323801940966),
    (64, 1000, -4.8533930361713, 0.9689807403096),
    (64, 100000, -6.68020503967032, 0.999685048038),
    (600, 0.001, -3681.87290287266, 1.666666666662e-6),
    (600, 100, -331.285173971613, 0.1622907918947),
    (600, 1000, -48.7701890490844, 0.7442847098408),
    (600, 100000, -7.1224069177012, 0.9970094700722),
    (800, 0.001, -5027.2703147928, 1.249999999998e-6),
    (800, 1, -2272.07433348004, 0.001249998051752),
    (800, 60, -695.187743877328, 0.07458382298829),
    (800, 100, -527.409779355079, 0.1231100731337),
    (800, 1000, -83.001254830115, 0.677230608167),
    (800, 100000, -7.47140793968508, 0.9960129600854),
    (1024, 0.001, -6563.88430382682, 9.765624999991e-7),
    (1024, 1, -3035.01986798642, 0.0009765615704946),
    (1024, 100, -775.918527199135, 0.09674399486995),
    (1024, 1000, -132.35003069143, 0.6115999686241),
    (1024, 100000, -7.98100870270892, 0.9948980560828),
    (4096, 0.001, -29123.3746880672, 2.44140625e-7),
    (4096, 1, -14984.1985099206, 0.0002441406104552),
    (4096, 100, -5655.19492148022, 0.02439953498285),
    (4096, 1000, -1724.32924609015, 0.2311067167883),
    (4096, 100000, -27.6258182649039, 0.979734490589),
]


def make(dim, kappa, n=1, dtype=torch.float64):
    torch.manual_seed(0)
    loc = torch.randn(n, dim, dtype=dtype)
    return VonMisesFisher(loc / loc.norm(dim=-1, keepdim=True), torch.full((n,), kappa).to(dtype))


def marginal(dim, kappa):
    """Return the density of w = m.z as scipy integrates it."""

    def log_f(t):
        return kappa * (t - 1) + (dim - 3) / 2 * np.log1p(-t * t)

    top = max(log_f(t) for t in np.linspace(-0.9999999, 0.9999999, 20_001))
    points = [1 - 30 * dim / (dim + 2 * kappa)] if kappa > 15 * dim else None
    options = {"points": points, "limit": 400, "epsabs": 0, "epsrel": 1e-10}
    area = integrate.quad(lambda t: np.exp(log_f(t) - top), -1, 1, **options)[0]
    return lambda t: np.exp(log_f(t) - top) / area


@pytest.mark.parametrize(("dim", "kappa"), CASES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_log_prob_is_scipys(dim, kappa, dtype):
    q = make(dim, kappa, dtype=dtype)
    z = q.rsample((20,))[:, 0]
    mean = q.loc[0].double().numpy()
    expected = stats.vonmises_fisher(mean / np.linalg.norm(mean), kappa).logpdf(
        (z.double() / z.double().norm(dim=-1, keepdim=True)).numpy()
    )
    rough = dtype == torch.float32
    np.testing.assert_allclose(
        q.log_prob(z), expected, rtol=1e-5 if rough else 1e-8, atol=2e-3 if rough else 1e-6
    )


@pytest.mark.parametrize(("dim", "kappa"), [(2, 3.0), (3, 0.5), (3, 80.0), (10, 20.0), (60, 50.0)])
def test_draws_have_length_one_and_follow_the_density_along_and_across(dim, kappa):
    q = make(dim, kappa)
    z = q.rsample((4000,))[:, 0]
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(4000).double())
    f, w = marginal(dim, kappa), (z @ q.loc[0]).numpy()
    grid = np.cos(np.linspace(np.pi, 0, 20_001))
    cdf = integrate.cumulative_trapezoid(
        np.where(abs(grid) < 1, f(np.clip(grid, -1 + 1e-12, 1 - 1e-12)), 0), grid, initial=0
    )
    if dim > 2:  # on a circle the density along has poles, and the trapezoids err there
        assert stats.kstest(w, lambda t: np.interp(t, grid, cdf / cdf[-1])).pvalue > 1e-3
    error = (q.variance[0] / 4000).sqrt()
    assert ((z.mean(0) - q.mean[0]).abs() <= 4.5 * error).all()
    torch.testing.assert_close(z.var(0), q.variance[0], rtol=0.2, atol=1e-6)


@pytest.mark.parametrize(("dim", "kappa"), [(3, 0.5), (3, 80.0), (10, 20.0), (60, 50.0)])
def test_the_gradient_of_draws_in_kappa_is_that_of_the_expectation(dim, kappa):
    """E[w] = A(kappa) and E[w^2]: both have a derivative in closed form or by quadrature."""
    step = 1e-4 * kappa

    def expected(power, kappa):
        f = marginal(dim, kappa)
        return integrate.quad(lambda t: t**power * f(t), -1, 1, limit=400, epsrel=1e-12)[0]

    slopes = [
        (expected(power, kappa + step) - expected(power, kappa - step)) / (2 * step)
        for power in (1, 2)
    ]
    q = make(dim, kappa, n=20_000)
    q.loc = q.loc[:1].expand(20_000, -1)
    q.concentration.requires_grad_()
    w = (q.rsample() * q.loc).sum(-1)
    for power, exact in zip((1, 2), slopes, strict=True):
        (found,) = torch.autograd.grad((w**power).sum(), q.concentration, retain_graph=True)
        error = found.std() / 20_000**0.5
        assert abs(found.mean() - exact) <= 4.5 * error + 1e-4 * abs(exact)
    (mean,) = torch.autograd.grad(q.resultant.sum(), q.concentration)
    assert mean[0].item() == pytest.approx(slopes[0], rel=1e-3)


@pytest.mark.parametrize(("dim", "kappa"), [(2, 0.1), (2, 1.0), (2, 100.0), (3, 8103.0)])
def test_in_single_precision_no_draw_is_without_a_gradient(dim, kappa):
    """Cosines that float32 rounds to 1 are common on a circle."""
    q = make(dim, kappa, n=20_000, dtype=torch.float32)
    q.concentration.requires_grad_()
    z = q.rsample()
    assert (z.norm(dim=-1) - 1).abs().max() < 1e-5
    (slope,) = torch.autograd.grad((z * torch.arange(1.0, dim + 1)).sum(), q.concentration)
    assert slope.isfinite().all()


def test_a_concentration_that_is_no_number_is_told_and_not_waited_for():
    q = VonMisesFisher(torch.eye(3)[:2], torch.tensor([torch.nan, 5.0]))
    z = q.rsample((4,))
    assert z[:, 0].isnan().all() and z[:, 1].isfinite().all()


def test_gradients_of_the_direction_are_those_of_the_mean():
    torch.manual_seed(0)
    raw = torch.randn(1, 4, dtype=torch.float64, requires_grad=True)
    kappa, weight = torch.tensor([5.0]).double(), torch.randn(4).double()

    def value(n):
        q = VonMisesFisher(raw / raw.norm(), kappa)
        drawn = (q.rsample((n,)) @ weight).mean()
        (exact,) = torch.autograd.grad((q.mean @ weight).sum(), raw, retain_graph=True)
        return torch.autograd.grad(drawn, raw)[0], exact

    found, exact = value(100_000)
    torch.testing.assert_close(found, exact, rtol=0, atol=0.01)
    assert exact.abs().max() > 0.2


@pytest.mark.parametrize(("dim", "kappa"), CASES)
def test_the_divergence_from_the_uniform_is_that_of_its_draws(dim, kappa):
    q, p = make(dim, kappa), UniformSphere(dim)
    z = q.rsample((20_000,))
    each = q.log_prob(z) - p.log_prob(z)
    exact = closed_form_kl(q, p).total
    assert (exact >= -1e-9).all()
    assert ((each.mean(0) - exact).abs() <= 4.5 * each.std(0) / 20_000**0.5 + 1e-9).all()


def test_the_gradient_of_the_divergence_is_that_of_differences():
    for dim, kappa in CASES:
        k = torch.tensor([kappa], dtype=torch.float64, requires_grad=True)
        loc = torch.eye(dim, dtype=torch.float64)[:1]

        def kl(value, loc=loc, dim=dim):
            return closed_form_kl(VonMisesFisher(loc, value), UniformSphere(dim)).total.sum()

        (found,) = torch.autograd.grad(kl(k), k)
        step = 1e-5 * kappa
        about = (kl(k.detach() + step) - kl(k.detach() - step)) / (2 * step)
        assert found.item() == pytest.approx(about.item(), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize(("dim", "kappa", "bessel", "mean"), KNOWN)
def test_the_constant_and_the_mean_are_right_where_the_bessel_function_is_below_every_float(
    dim, kappa, bessel, mean
):
    k = torch.tensor([kappa], dtype=torch.float64, requires_grad=True)
    q = VonMisesFisher(torch.eye(dim, dtype=torch.float64)[:1], k)
    constant = q.log_prob(q.loc)
    known = (dim / 2 - 1) * np.log(kappa) - dim / 2 * np.log(2 * np.pi) - bessel
    assert constant.item() == pytest.approx(known, rel=1e-10)
    assert q.resultant.item() == pytest.approx(mean, rel=1e-9)
    (slope,) = torch.autograd.grad(constant.sum(), k, retain_graph=True)
    assert slope.item() == pytest.approx(1 - mean, rel=1e-6, abs=2e-9)
    (slope,) = torch.autograd.grad(q.resultant.sum(), k)
    exact = 1 - mean**2 - (dim - 1) * mean / kappa
    assert slope.item() == pytest.approx(exact, rel=1e-5, abs=1e-11)
    kl = closed_form_kl(q, UniformSphere(dim)).total.item()
    area = np.log(2) + dim / 2 * np.log(np.pi) - math.lgamma(dim / 2)
    assert kl == pytest.approx(kappa * (mean - 1) + known + area, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("dim", "kappa", "bessel", "mean"), KNOWN)
def test_in_single_precision_nothing_is_lost_where_thousands_of_nats_cancel(
    dim, kappa, bessel, mean
):
    """Added in float32, a divergence of 1e-4 nats is off by 1e-3, and a slope of 1 by 0.1."""
    k = torch.tensor([kappa], dtype=torch.float32, requires_grad=True)
    q = VonMisesFisher(torch.eye(dim)[:1], k)
    kl = closed_form_kl(q, UniformSphere(dim)).total
    known = (dim / 2 - 1) * np.log(kappa) - dim / 2 * np.log(2 * np.pi) - bessel
    area = np.log(2) + dim / 2 * np.log(np.pi) - math.lgamma(dim / 2)
    assert kl.dtype == torch.float32
    assert kl.item() == pytest.approx(kappa * (mean - 1) + known + area, rel=1e-6, abs=1e-9)
    (slope,) = torch.autograd.grad(kl.sum(), k)
    exact = kappa * (1 - mean**2 - (dim - 1) * mean / kappa)
    assert slope.item() == pytest.approx(exact, rel=1e-5, abs=1e-11 * kappa)
    (slope,) = torch.autograd.grad(q.log_prob(q.loc).sum(), k)
    assert slope.item() == pytest.approx(1 - mean, rel=1e-6, abs=2e-9)


@pytest.mark.parametrize("kappa", [30.0, 100.0, 400.0])
def test_in_a_thousand_dimensions_draws_have_the_stated_mean_and_divergence(kappa):
    q, p = make(1024, kappa), UniformSphere(1024)
    z = q.rsample((20_000,))[:, 0]
    along = z @ q.loc[0]
    assert (along.mean() - q.resultant).abs() <= 4.5 * along.std() / 20_000**0.5
    # Both densities are with respect to the same area: E_q[p / q] = 1.
    each = q.log_prob(z) - p.log_prob(z)
    kl = closed_form_kl(q, p).total.item()
    assert each.mean().item() == pytest.approx(kl, abs=4.5 * each.std().item() / 20_000**0.5)
    turned = (-each).exp()
    if kappa < 50:  # beyond, few draws would say all of it
        assert abs(turned.mean() - 1) <= 4.5 * turned.std() / 20_000**0.5


def test_the_uniform_is_uniform():
    torch.manual_seed(0)
    p = UniformSphere(3)
    z = p.sample((20_000,))
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(20_000))
    assert stats.kstest(z[:, 0].numpy(), stats.uniform(-1, 2).cdf).pvalue > 1e-3  # Archimedes
    torch.testing.assert_close(p.log_prob(z).exp(), torch.full((20_000,), 1 / (4 * np.pi)))
