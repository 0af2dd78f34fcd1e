/** The numbers of the lesson in Python. */

import { sayingX } from '$lib/bits';
import type { Truth } from '$lib/truth';
import { covariance, type Gaussian2 } from '$math/gaussian2';

export async function pythonOf(truth: Truth, q: Gaussian2): Promise<string> {
  const [xx, xy, yy] = covariance(q).map((v) => Number(v.toPrecision(8)));
  return [
    'import torch',
    'from torch.distributions import MultivariateNormal, kl_divergence',
    ...(await sayingX(truth.x)),
    'log_px = vae.evidence(x, method={"name": "quadrature"}).each  # log p(x)',
    '',
    `q = MultivariateNormal(torch.tensor([${q.mean.map((v) => Number(v.toPrecision(8))).join(', ')}]),`,
    `                       torch.tensor([[${xx}, ${xy}], [${xy}, ${yy}]]))`,
    'prior = MultivariateNormal(torch.zeros(2), torch.eye(2))',
    'z = q.sample((10_000, 1))  # (K, 1, 2)',
    'with torch.no_grad():',
    '    reconstruction = vae.model_.log_likelihood(vae.plain(x), z).mean()  # E_q[log p(x|z)]',
    'kl = kl_divergence(q, prior)',
    'elbo = reconstruction - kl',
    'gap = log_px - elbo  # KL(q || p(z|x))',
  ].join('\n');
}
