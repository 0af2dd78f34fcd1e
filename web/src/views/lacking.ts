/** Why a view is not in the list: the fewest changes of the model, or of the start, that would put it there. */

import type { Description } from '$lib/source/description';
import { fits, sectionOf, type View } from './views';

type Change = (told: Description) => Description;

const component = (name: string): Description['posterior'] => ({ name });
const coloured = { channels: 3, height: 32, width: 32, ink: false } as Description['picture'];
const ink = { channels: 1, height: 28, width: 28, ink: true } as Description['picture'];

/**
 * What a view may want, the plainest first. Views say themselves what suits them, and nothing of it is
 * said here again: a change is a model that has what the name says.
 */
const CHANGES = {
  over: (told) => ({ ...told, is_training: false }),
  training: (told) => ({ ...told, is_training: true }),
  data: (told) => ({ ...told, examples: { ...told.examples, count: 100 } }),
  ladder: (told) => ({ ...told, groups: [1, 1] }),
  conditions: (told) => ({ ...told, conditions: [{ name: 'c', classes: [], mean: 0, std: 1 }] }),
  unconditional: (told) => ({ ...told, conditions: [] }),
  oneGroup: (told) => (told.groups.length ? plain({ ...told, groups: [], latents: 2 }) : told),
  two: (told) => ({ ...told, latents: 2 }),
  real: (told) => ({ ...told, space: 'real' as const }),
  normal: (told) => ({ ...told, prior: { name: 'standard-normal', is_proper: true } }),
  gaussian: (told) => ({ ...told, posterior: component('gaussian') }),
  noClass: (told) => ({ ...told, class_is_latent: false }),
  likelihood: (told) => ({ ...told, is_likelihood: true, likelihood: component('bernoulli'), numbers: {} }),
  pictures: (told) => ({ ...told, picture: told.picture ?? coloured }),
  bounded: (told) => ({ ...told, x: { ...told.x, kind: 'binary' as const } }),
  digits: (told) => ({ ...told, picture: ink }),
} satisfies Record<string, Change>;

/** A model of one group as most are. */
function plain(told: Description): Description {
  const prior = { name: 'standard-normal', is_proper: true };
  return { ...told, space: 'real', posterior: component('gaussian'), prior, class_is_latent: false };
}

export type Want = keyof typeof CHANGES;
const WANTS = Object.keys(CHANGES) as Want[];

/** Return what this model or start lacks for a view; nothing where it lacks nothing, or nobody knows what. */
export function lacking(view: View, told: Description): readonly Want[] {
  // Whatever else it lacks, there is nothing to be said of a model that is not there yet.
  if (told.is_training && sectionOf(view) !== 'train') return ['over'];
  for (let size = 0; size <= 6; size++) {
    const found = smallest(view, told, WANTS, size);
    if (found) return found;
  }
  return [];
}

function smallest(view: View, told: Description, among: readonly Want[], size: number): Want[] | undefined {
  if (!size) return fits(view, told) ? [] : undefined;
  for (const [i, want] of among.entries()) {
    const rest = smallest(view, CHANGES[want](told), among.slice(i + 1), size - 1);
    if (rest) return [want, ...rest];
  }
  return undefined;
}
