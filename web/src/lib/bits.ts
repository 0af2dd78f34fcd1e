/** One x in Python, as it is: what a dynamic binarization drew cannot be loaded again. */

import { focus } from '$lib/focus.svelte';
import { page } from '$lib/page.svelte';
import { exactly, examples, opened } from '$lib/python';

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
