/** One x in Python, as it is: what a dynamic binarization drew cannot be loaded again. */

import { focus } from '$lib/focus.svelte';
import { DRAWS } from '$lib/gaussian';
import { page } from '$lib/page.svelte';
import { exactly, examples, opened, py } from '$lib/python';

/** Lines that open the model and say this x of an example, or the user's own, `x` (1, ...). */
export async function sayingX(x: Float32Array): Promise<string[]> {
  const { shape, kind, high } = page.description.x;
  const isBits = x.every((value) => value === 0 || value === 1);
  if (!focus.isOwn && (!isBits || kind === 'real')) {
    const rows = await page.array('row');
    return examples([rows?.data[focus.example ?? 0] ?? 0]);
  }
  const dims = (shape[0] === 1 && shape.length === 3 ? shape.slice(1) : shape).join(', ');
  // Bytes are 0 to 255 as they are stored, and 0 to 1 on the page.
  const scale = kind === 'bytes' ? ` * ${high}` : '';
  const whole = scale && !isBits ? ['x = x.round().astype(np.uint8)'] : [];
  return ['import numpy as np', ...opened(), `x = ${exactly(x)}.reshape(1, ${dims})${scale}`, ...whole];
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

/** c of one point in hand, as the parts of a model take it after x or z. */
const given = (): string => (focus.cRow ? `torch.tensor([${py([...focus.cRow])}])` : 'None');

/**
 * Gaps of an x filled as `impute` of the mathematics fills them, by as many draws: what is expected there,
 * log p of what is there, and how many draws count.
 *
 * @param gap  1 where a pixel is missing, (H W).
 * @param counts  Draws of a first look, and then.
 */
export async function imputing(x: Float32Array, gap: Uint8Array, counts: readonly [number, number]): Promise<string[]> {
  return [
    'import math',
    'import torch',
    ...(await plainX(x)),
    `gap = ${exactly(Float32Array.from(gap))}.astype(bool)`,
    'gap = torch.from_numpy(gap).reshape(x.shape[-2:]).expand_as(x)  # the missing pixels',
    `c = ${given()}`,
    '',
    'def filled(guess, k):  # half of the draws are of p(z), half of q(z|x) for x filled by a guess',
    '    q = vae.model_.posterior(torch.where(gap, guess, x), c)',
    '    z = torch.cat([torch.randn(k // 2, 1, vae.latent_dim_), q.sample((k // 2,))])',
    '    prior = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(-1)[:, 0]',
    '    both = torch.logaddexp(prior, q.log_prob(z)[:, 0]) - math.log(2)',
    '    z = z[:, 0]',
    '    p = vae.model_.likelihood(z, None if c is None else c.expand(k, -1)).base_dist  # p(x|z)',
    '    seen = p.log_prob(x).masked_fill(gap, 0).flatten(1).sum(1)  # log p(x_o|z)',
    '    log_w = seen + prior - both',
    '    w = log_w.softmax(0)',
    '    mean = torch.einsum("k,k...->...", w, p.mean)[None]',
    '    return torch.where(gap, mean, x), log_w.logsumexp(0) - math.log(k), 1 / w.square().sum(), z, w',
    '',
    'with torch.no_grad():',
    `    first, *_ = filled(torch.zeros_like(x), ${counts[0]})`,
    `    mean, log_px, effective, z, w = filled(first, ${counts[1]})  # E[x|x_o], log p(x_o): as many draws as on the page, other ones`,
  ];
}

/** A damaged x restored by draws of q(z|x~). */
export async function restoring(x: Float32Array, damaged: Float32Array, count: number): Promise<string[]> {
  return [
    'import torch',
    ...(await plainX(x)),
    `noisy = torch.from_numpy(${exactly(damaged)}).to(x.dtype).reshape(x.shape)  # x~`,
    `c = ${given()}`,
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
