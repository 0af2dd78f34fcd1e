/** Colours of points: ten classes that everybody tells apart, and a ramp for numbers. */

export type Rgb = readonly [number, number, number];

const hex = (text: string): Rgb => [
  parseInt(text.slice(1, 3), 16),
  parseInt(text.slice(3, 5), 16),
  parseInt(text.slice(5, 7), 16),
];

/** In the order of the classes; they repeat after ten. */
export const CLASSES: Readonly<Record<'light' | 'dark', readonly Rgb[]>> = {
  light: ['#3b6fd4', '#e08a00', '#d6453d', '#12908e', '#3e9b3a', '#d4639f', '#8a4fd0', '#4aa3df', '#8f5f3f', '#7d8490'].map(hex),
  dark: ['#7ba2f5', '#ffb84d', '#ff7b70', '#4fc9c4', '#74cf6e', '#ff9ccb', '#b98af5', '#8fd0ff', '#c89672', '#a8b0bd'].map(hex),
};

/** From little to much, each visible on its page. */
const RAMP: Readonly<Record<'light' | 'dark', readonly Rgb[]>> = {
  light: ['#e3b23c', '#d9743b', '#b8425f', '#74308a', '#2b1d6b'].map(hex),
  dark: ['#4a3aa8', '#9b45b2', '#e0586f', '#f5964f', '#fbe37a'].map(hex),
};

const between = (a: number, b: number, t: number): number => Math.round(a + (b - a) * t);

/** Return the colour of t in 0..1. */
export function ramp(t: number, dark: boolean): Rgb {
  const stops = RAMP[dark ? 'dark' : 'light'];
  const at = Math.min(1, Math.max(0, Number.isNaN(t) ? 0 : t)) * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(at));
  const [a, b] = [stops[i] as Rgb, stops[i + 1] as Rgb];
  return [between(a[0], b[0], at - i), between(a[1], b[1], at - i), between(a[2], b[2], at - i)];
}

export function ofClass(k: number, dark: boolean): Rgb {
  const colours = CLASSES[dark ? 'dark' : 'light'];
  return k < 0 ? [128, 128, 128] : (colours[k % colours.length] as Rgb);
}

const ACCENT: Readonly<Record<'light' | 'dark', Rgb>> = { light: hex('#4338ca'), dark: hex('#a5a0ff') };

/** The colour of a run among several: that of the page's own is the accent. */
export const ofRun = (place: number, dark: boolean): Rgb =>
  place ? ofClass(place, dark) : ACCENT[dark ? 'dark' : 'light'];

export const css = ([r, g, b]: Rgb): string => `rgb(${r} ${g} ${b})`;
/** As ImageData's bytes, where the machine is little-endian, as all browsers' are. */
export const packed = ([r, g, b]: Rgb, alpha = 255): number =>
  ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;

/** Return the values below which the shares of them lie; NaN is left out. */
export function quantiles(values: ArrayLike<number>, ...shares: number[]): number[] {
  const sorted = Float64Array.from(Array.from(values).filter((v) => !Number.isNaN(v))).sort();
  return shares.map((share) => sorted[Math.round(share * (sorted.length - 1))] ?? NaN);
}
