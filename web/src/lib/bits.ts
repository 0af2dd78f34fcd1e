/** One x in Python, as it is: what a dynamic binarization drew cannot be loaded again. */

import { focus } from '$lib/focus.svelte';
import { DRAWS } from '$lib/gaussian';
import { page } from '$lib/page.svelte';
import { exactly, examples, opened } from '$lib/python';
import { LOOKS, SEARCHED } from '$math/inpaint';

const NUMPY = 'import numpy as np';

/** Lines that open the model and say this x of an example, or the user's own, `x` (1, ...). */
export async function sayingX(x: Float32Array): Promise<string[]> {
  const { shape, kind } = page.description.x;
  const isBits = x.every((value) => value === 0 || value === 1);
  if (!focus.isOwn && (!isBits || kind === 'real')) {
    const rows = await page.array('row');
    return examples([rows?.data[focus.example ?? 0] ?? 0]);
  }
  const dims = (shape[0] === 1 && shape.length === 3 ? shape.slice(1) : shape).join(', ');
  // Bytes are 0 to 255 as they are stored, and 0 to 1 on the page.
  const scale = kind === 'bytes' ? ' * 255' : '';
  const whole = scale && !isBits ? ['x = x.round().astype(np.uint8)'] : [];
  return [NUMPY, ...opened(), `x = ${exactly(x)}.reshape(1, ${dims})${scale}`, ...whole];
}

/** The same, and after it `x` as the likelihood takes it, a tensor. */
export async function plainX(x: Float32Array): Promise<string[]> {
  return [...(await sayingX(x)), 'x = vae.plain(x)  # as the model takes it'];
}

/** The ELBO of `x` as the page says it with a ±: the mean over as many draws of z, other ones. */
export const boundLines = (c = page.description.conditions.length ? ', vae.condition_' : ''): string[] => [
  'with torch.no_grad():  # the ELBO, nats',
  `    q = vae.model_.posterior(x${c})`,
  `    z = q.sample((${DRAWS},))  # as many draws as the page averages over, other ones`,
  `    each = vae.model_.log_joint(x, z${c}) - q.log_prob(z)`,
  `    elbo, error = each.mean(), each.std() / ${DRAWS}**0.5`,
];

/** The same with numpy at hand, whatever x is. */
async function withNumpy(x: Float32Array): Promise<string[]> {
  const lines = await plainX(x);
  return lines.includes(NUMPY) ? lines : [NUMPY, ...lines];
}

/**
 * Gaps of an x filled as `impute` of the mathematics fills them, by as many draws: what is expected there,
 * log p of what is there with its error, and how many draws count.
 *
 * @param gap  1 where a pixel is missing, (H W).
 * @param counts  Draws of a look, and of what is weighed in the end.
 */
export async function imputing(x: Float32Array, gap: Uint8Array, counts: readonly [number, number]): Promise<string[]> {
  return [
    'import math',
    'import torch',
    'from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal',
    ...(await withNumpy(x)),
    `gap = ${exactly(Float32Array.from(gap))}.astype(bool)`,
    'gap = torch.from_numpy(gap).reshape(x.shape[-2:]).expand_as(x)  # the missing pixels',
    'c, dims = vae.condition_, vae.latent_dim_',
    'prior = MultivariateNormal(torch.zeros(dims), torch.eye(dims))',
    '',
    'def look(*parts):  # so many draws of each: log p(x_o|z), log p(z) less the log of what was drawn of, E[x|z]',
    '    z = torch.cat([of.sample((n,)) for of, n in parts])',
    '    drawn = torch.stack([of.log_prob(z) + math.log(n / len(z)) for of, n in parts]).logsumexp(0)',
    '    p = vae.model_.likelihood(z, None if c is None else c.expand(len(z), -1)).base_dist  # p(x|z)',
    '    seen = p.log_prob(x).masked_fill(gap, 0).flatten(1).sum(1)  # log p(x_o|z)',
    '    return z, seen, prior.log_prob(z) - drawn, p.mean',
    '',
    'def evened(slope, base=0.0):  # weights of so many draws that they tell where p(z|x_o) is',
    '    power = 1.0',
    '    while (1 / (w := (base + power * slope).softmax(0)).square().sum()) < len(w) / 8 and power > 1e-12:',
    '        power /= 2',
    '    return w, power',
    '',
    'def filled(mean, w):  # E[x|x_o], and q(z|x) for it',
    '    full = torch.where(gap, torch.einsum("k,k...->...", w, mean)[None], x)',
    '    q = vae.model_.posterior(full, c)',
    '    return full, MultivariateNormal(q.mean[0], scale_tril=torch.diag(q.stddev[0]))',
    '',
    'def fitted(z, w):  # Gaussians of one covariance, one for each part of the weighted draws',
    '    n = 1 / w.square().sum()',
    '    def root(away):  # of the covariance; few draws tell little of correlations',
    '        s = (w[:, None] * away).T @ away',
    '        return torch.linalg.cholesky(n * s / (n + dims) + torch.diag(s.diag() * dims / (n + dims) + 1e-10))',
    '    away = z - w @ z',
    '    y = torch.linalg.solve_triangular(root(away), away.T, upper=False).T',
    '    seeds = y[torch.multinomial(w, 1)]  # far from each other',
    '    for _ in range(min(8, int(n / (2 * (dims + 1)))) - 1):',
    '        far = torch.cdist(y, seeds).amin(1)',
    '        seeds = torch.cat([seeds, y[torch.multinomial(w * far**2, 1)]])',
    '    for _ in range(5):  # each draw to the nearest, and to the nearest mean',
    '        part = torch.nn.functional.one_hot(torch.cdist(y, seeds).argmin(1), len(seeds)).to(w.dtype)',
    '        part = part[:, w @ part > 0]',
    '        means = (w[:, None] * part).T @ z / (w @ part)[:, None]',
    '        within = root(z - part @ means)',
    '        y, seeds = (torch.linalg.solve_triangular(within, (of - w @ z).T, upper=False).T for of in (z, means))',
    '    return MixtureSameFamily(Categorical(w @ part), MultivariateNormal(means, scale_tril=1.3**0.5 * within))',
    '',
    'with torch.no_grad():',
    `    fit, k = None, ${counts[0]}`,
    `    for _ in range(${LOOKS} if dims <= ${SEARCHED} else 0):  # of few latents all of p(z) is searched, p(x_o|z) let in by degrees`,
    '        z, seen, ratio, _ = look(*([(prior, k // 4), (fit, k - k // 4)] if fit else [(prior, k)]))',
    '        w, power = evened(seen, ratio)',
    '        fit = fitted(z, w)',
    '        if power == 1:',
    '            break',
    '    _, q = filled(torch.zeros_like(x), torch.ones(1))  # zeros in the gaps at first',
    '    def mixed(k):',
    '        few = k // 8 if fit else k // 2',
    '        return [(prior, few), (q, few), (fit, k - 2 * few)] if fit else [(prior, few), (q, k - few)]',
    `    for _ in range(${LOOKS}):  # until a quarter of the draws of a look is effective`,
    '        z, seen, ratio, mean = look(*mixed(k))',
    '        w, _ = evened(seen + ratio)',
    '        (_, q), fit = filled(mean, w), fitted(z, w)',
    '        if 1 / (seen + ratio).softmax(0).square().sum() > k / 4:',
    '            break',
    `    z, seen, ratio, mean = look(*mixed(${counts[1]}))  # as many draws as on the page, other ones`,
    '    log_w = seen + ratio',
    '    w = log_w.softmax(0)',
    '    (mean, _), effective = filled(mean, w), 1 / w.square().sum()  # E[x|x_o]',
    '    log_px = log_w.logsumexp(0) - math.log(len(z))  # log p(x_o), nats: of few effective draws too low',
    '    error = (1 / effective - 1 / len(z)) ** 0.5',
  ];
}

/** A damaged x restored by draws of q(z|x~). */
export async function restoring(x: Float32Array, damaged: Float32Array, count: number): Promise<string[]> {
  return [
    'import torch',
    ...(await withNumpy(x)),
    `noisy = torch.from_numpy(${exactly(damaged)}).to(x.dtype).reshape(x.shape)  # x~`,
    'c = vae.condition_',
    '',
    'with torch.no_grad():',
    '    q = vae.model_.posterior(noisy, c)  # q(z|x~)',
    `    z = torch.cat([q.mean, q.sample((${count},))[:, 0]])  # as many draws as on the page, other ones`,
    '    shown = vae.model_.likelihood(z, None if c is None else c.expand(len(z), -1)).base_dist.mean',
    'one_pass, samples = shown[:1], shown[1:]',
    'average, spread = samples.mean(0), samples.std(0, correction=0)',
    'errors = [(each - x).square().sum().item() for each in (noisy, one_pass, average)]',
  ];
}
