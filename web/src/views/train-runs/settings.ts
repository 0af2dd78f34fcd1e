/** How runs were made, and what of it differs. */

export type Told = string | number | boolean | null | readonly Told[] | { readonly [name: string]: Told };

/** A setting that runs do not share, by its name in `config.json`. */
export interface Setting {
  readonly name: string;
  /** As it is written, one for each run; nothing where it is off, or the run has none such. */
  readonly values: readonly (string | undefined)[];
}

/** Return the settings of a configuration by their dotted names; what is null is left out. */
export function flat(told: Told, name = ''): Map<string, string> {
  if (told === null) return new Map();
  if (typeof told !== 'object') return new Map([[name, String(told)]]);
  if (Array.isArray(told)) return told.length ? new Map([[name, told.map(written).join(', ')]]) : new Map();
  const parts = Object.entries(told).map(([key, part]) => flat(part, name ? `${name}.${key}` : key));
  return new Map(parts.flatMap((part) => [...part]));
}

/** Return what differs between configurations, in the order in which they tell it. */
export function differing(configs: readonly Told[]): Setting[] {
  const each = configs.map((config) => flat(config));
  const names = new Set(each.flatMap((one) => [...one.keys()]));
  return [...names]
    .map((name) => ({ name, values: each.map((one) => one.get(name)) }))
    .filter(({ values }) => values.some((value) => value !== values[0]));
}

const written = (told: Told): string => (typeof told === 'object' ? JSON.stringify(told) : String(told));
