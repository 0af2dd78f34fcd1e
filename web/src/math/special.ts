/** Elementary functions that the formulas need and JavaScript lacks, exact to about 1e-14. */

/** log sqrt(2 pi), the constant of every normal density. */
export const LOG_SQRT_2PI = 0.9189385332046727;

/** Any row of numbers: an array, or a typed one. */
export type Numbers = ArrayLike<number>;

/** log(1 + e^x), without overflow. */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** log(1 / (1 + e^-x)) = -softplus(-x). */
export function logSigmoid(x: number): number {
  return -softplus(-x);
}

/** log(1 - e^-x) for x > 0, without cancellation (Maechler, 2012). */
export function log1mexp(x: number): number {
  return x < Math.LN2 ? Math.log(-Math.expm1(-x)) : Math.log1p(-Math.exp(-x));
}

/** log sum_i exp(a_i) over a part of a row; -Infinity of nothing. */
export function logSumExp(a: Numbers, from = 0, to = a.length): number {
  let peak = -Infinity;
  for (let i = from; i < to; i++) if (a[i]! > peak || Number.isNaN(a[i]!)) peak = a[i]!;
  if (!Number.isFinite(peak)) return peak;
  let total = 0;
  for (let i = from; i < to; i++) total += Math.exp(a[i]! - peak);
  return peak + Math.log(total);
}

/** log((1/n) sum_i exp(a_i)) over a part of a row. */
export function logMeanExp(a: Numbers, from = 0, to = a.length): number {
  return logSumExp(a, from, to) - Math.log(to - from);
}

// Stirling's series in 1/x, from 1/(12 x) on.
const STIRLING = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
] as const;

/** log Gamma(x) for x > 0: Stirling's series, reached by Gamma(x + 1) = x Gamma(x). */
export function logGamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Infinity : NaN;
  let product = 1;
  let at = x;
  while (at < 10) product *= at++;
  const square = 1 / (at * at);
  let series = 0;
  for (let i = STIRLING.length - 1; i >= 0; i--) series = series * square + STIRLING[i]!;
  return (at - 0.5) * Math.log(at) - at + LOG_SQRT_2PI + series / at - Math.log(product);
}

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}

const UPPER = [
  220.206867912376, 221.213596169931, 112.079291497871, 33.912866078383, 6.37396220353165,
  0.700383064443688, 0.0352624965998911,
] as const;
const LOWER = [
  440.413735824752, 793.826512519948, 637.333633378831, 296.564248779674, 86.7807322029461,
  16.064177579207, 1.75566716318264, 0.0883883476483184,
] as const;

/**
 * The normal distribution function Phi(x) = integral of N(0, 1) up to x (Hart, 1968; West, 2005).
 */
export function normalCdf(x: number): number {
  const far = Math.abs(x);
  if (far > 37) return x > 0 ? 1 : 0;
  const density = Math.exp((-far * far) / 2);
  let tail: number;
  if (far < 7.07106781186547) {
    tail = (density * polynomial(UPPER, far)) / polynomial(LOWER, far);
  } else {
    let fraction = far + 0.65;
    for (let k = 4; k >= 1; k--) fraction = far + k / fraction;
    tail = density / fraction / 2.5066282746310002;
  }
  return x > 0 ? 1 - tail : tail;
}

const A = [
  3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
  45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
] as const;
const B = [
  1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
  39307.89580009271061, 28729.085735721942674, 5226.495278852854561,
] as const;
const C = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
  1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833,
  7.7454501427834140764e-4,
] as const;
const D = [
  1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
] as const;
const E = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
  0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5,
  2.01033439929228813265e-7,
] as const;
const F = [
  1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525,
  7.868691311456132591e-4, 1.8463183175100546818e-5, 1.4215117583164458887e-7,
  2.04426310338993978564e-15,
] as const;

/** The inverse of `normalCdf`: z with Phi(z) = p, for 0 < p < 1 (Wichura, 1988, AS 241). */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(A, r)) / polynomial(B, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const z =
    r <= 5
      ? polynomial(C, r - 1.6) / polynomial(D, r - 1.6)
      : polynomial(E, r - 5) / polynomial(F, r - 5);
  return q < 0 ? -z : z;
}
