/** One x in Python, as it is: what a dynamic binarization drew cannot be loaded again. */

import { focus } from '$lib/focus.svelte';
import { page } from '$lib/page.svelte';
import { examples, opened } from '$lib/python';

/** Lines that open the model and say this x of an example, `x` (1, ...). */
export async function sayingX(x: Float32Array): Promise<string[]> {
  const { description } = page;
  const { shape, kind, high } = description.x;
  const isBits = x.every((value) => value === 0 || value === 1);
  if (!isBits || kind === 'real') {
    const rows = await page.array('row');
    return examples([rows?.data[focus.example ?? 0] ?? 0]);
  }
  const bytes = new Uint8Array(Math.ceil(x.length / 8));
  x.forEach((value, i) => (bytes[i >> 3]! |= value << (7 - (i & 7))));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const dims = (shape[0] === 1 && shape.length === 3 ? shape.slice(1) : shape).join(', ');
  const scale = kind === 'bytes' ? ` * ${high}` : '';
  return [
    'import numpy as np',
    ...opened(),
    `bits = bytes.fromhex("${hex}")`,
    `x = np.unpackbits(np.frombuffer(bits, np.uint8))[:${x.length}].reshape(1, ${dims})${scale}`,
  ];
}
