/**
 * The likelihoods, one by one: log p(x|z) of a cell, its mean and a draw, by torch's parameters.
 */

import type { Bound, Family, Parameters } from './likelihood';
import type { Rng } from './rng';
import {
  LOG_SQRT_2PI,
  log1mexp,
  logGamma,
  logSigmoid,
  logSumExp,
  type Numbers,
  sigmoid,
  softplus,
} from './special';

/** Whether x is a count or a code: 0, 1, 2, ... */
function isCount(x: number): boolean {
  return x >= 0 && Math.floor(x) === x;
}

function get(parameters: Parameters, name: string): Numbers {
  return parameters[name]!;
}

function kind(
  needs: readonly string[],
  isMass: boolean,
  bind: (rows: Numbers[], cells: number, all: Parameters) => Bound,
): Family {
  return {
    needs,
    isMass,
    bind: (all, cells) =>
      bind(
        needs.map((name) => get(all, name)),
        cells,
        all,
      ),
  };
}

/** log p(x) = x l - log(1 + e^l); of grey x between 0 and 1 the cross-entropy. */
const bernoulli = kind(['logits'], true, ([logits]) => ({
  logProb: (at, x) => x * logits![at]! - softplus(logits![at]!),
  mean: (at) => sigmoid(logits![at]!),
  draw: (at, rng) => (rng.uniform() < sigmoid(logits![at]!) ? 1 : 0),
  total(at, x, from, count) {
    // log(1 + e^l) = max(l, 0) + log(1 + e^-|l|), and a sum of logarithms is that of a product:
    // one logarithm for so many pixels that 2 to their number is no infinity.
    let sum = 0;
    let product = 1;
    for (let d = 0; d < count; d++) {
      const l = logits![at + d]!;
      const value = x[from + d]!;
      if (value === value) {
        sum += value * l - (l > 0 ? l : 0);
        product *= 1 + Math.exp(-Math.abs(l));
      }
      if ((d & 511) === 511) {
        sum -= Math.log(product);
        product = 1;
      }
    }
    return sum - Math.log(product);
  },
}));

/** log(l / tanh(l / 2)), the constant of the continuous Bernoulli, by its series around 0. */
function logConstant(l: number): number {
  const square = l * l;
  if (Math.abs(l) < 0.05) {
    return Math.LN2 + square * (1 / 12 - square * (7 / 1440 - (square * 31) / 90720));
  }
  return Math.log(l / Math.tanh(l / 2));
}

/**
 * log p(x) = x l - log(1 + e^l) + log(l / tanh(l / 2)) on [0, 1] (Loaiza-Ganem, Cunningham, 2019).
 */
const continuousBernoulli = kind(['logits'], false, ([logits]) => ({
  logProb: (at, x) => x * logits![at]! - softplus(logits![at]!) + logConstant(logits![at]!),
  mean(at) {
    const l = logits![at]!;
    if (Math.abs(l) < 0.05) return 0.5 + l * (1 / 12 - (l * l) / 720 + l ** 4 / 30240);
    return 0.5 + 0.5 / Math.tanh(l / 2) - 1 / l;
  },
  draw(at, rng) {
    const [l, u] = [logits![at]!, rng.uniform()];
    const size = Math.abs(l);
    // For l > 0: x = 1 + log(u + (1 - u) e^-l) / l; mirrored where it is below.
    const x = size < 1e-6 ? u : 1 + Math.log(u + (1 - u) * Math.exp(-size)) / size;
    return l >= 0 ? x : 1 - x;
  },
}));

/** log p(x) = -(x - m)^2 / (2 s^2) - log s - log sqrt(2 pi). */
const gaussian = kind(['loc', 'scale'], false, ([loc, scale]) => ({
  logProb(at, x) {
    const away = (x - loc![at]!) / scale![at]!;
    return -0.5 * away * away - Math.log(scale![at]!) - LOG_SQRT_2PI;
  },
  mean: (at) => loc![at]!,
  draw: (at, rng) => loc![at]! + scale![at]! * rng.normal(),
}));

/** log p(x) = -|x - m| / b - log 2 b. */
const laplace = kind(['loc', 'scale'], false, ([loc, scale]) => ({
  logProb: (at, x) => -Math.abs(x - loc![at]!) / scale![at]! - Math.log(2 * scale![at]!),
  mean: (at) => loc![at]!,
  draw(at, rng) {
    const u = rng.uniform() - 0.5;
    return loc![at]! - scale![at]! * Math.sign(u) * Math.log1p(-2 * Math.abs(u));
  },
}));

/** log p(x) = log Gamma((v+1)/2) - log Gamma(v/2) - log(v pi s^2)/2 - (v+1)/2 log(1 + y^2/v). */
const studentT = kind(['df', 'loc', 'scale'], false, ([df, loc, scale]) => ({
  logProb(at, x) {
    const [v, s] = [df![at]!, scale![at]!];
    const y = (x - loc![at]!) / s;
    const constant = logGamma((v + 1) / 2) - logGamma(v / 2) - 0.5 * Math.log(v * Math.PI);
    return constant - Math.log(s) - ((v + 1) / 2) * Math.log1p((y * y) / v);
  },
  mean: (at) => (df![at]! > 1 ? loc![at]! : NaN),
  draw(at, rng) {
    const v = df![at]!;
    return loc![at]! + (scale![at]! * rng.normal()) / Math.sqrt((2 * rng.gamma(v / 2)) / v);
  },
}));

/** log p(x) = log N(log x; m, s^2) - log x for x > 0. */
const logNormal = kind(['loc', 'scale'], false, ([loc, scale]) => ({
  logProb(at, x) {
    if (!(x > 0)) return -Infinity;
    const [s, l] = [scale![at]!, Math.log(x)];
    return -0.5 * ((l - loc![at]!) / s) ** 2 - Math.log(s) - LOG_SQRT_2PI - l;
  },
  mean: (at) => Math.exp(loc![at]! + 0.5 * scale![at]! ** 2),
  draw: (at, rng) => Math.exp(loc![at]! + scale![at]! * rng.normal()),
}));

/** log p(x) = (a - 1) log x + (b - 1) log(1 - x) - log B(a, b) for 0 < x < 1. */
const beta = kind(['concentration1', 'concentration0'], false, ([one, zero]) => ({
  logProb(at, x) {
    if (!(x > 0 && x < 1)) return -Infinity;
    const [a, b] = [one![at]!, zero![at]!];
    const constant = logGamma(a + b) - logGamma(a) - logGamma(b);
    return (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) + constant;
  },
  mean: (at) => one![at]! / (one![at]! + zero![at]!),
  draw(at, rng) {
    const first = rng.gamma(one![at]!);
    return first / (first + rng.gamma(zero![at]!));
  },
}));

const LEVELS = 256;
const HALF = 0.5 / (LEVELS - 1);

/** log P of a level k/255 under a logistic that is integrated over 256 levels, tails included. */
function logLevel(x: number, loc: number, logScale: number): number {
  const precision = Math.exp(-logScale);
  const below = logSigmoid(precision * (x - loc + HALF));
  const above = logSigmoid(-precision * (x - loc - HALF));
  if (x < HALF) return below;
  if (x > 1 - HALF) return above;
  return below + above + log1mexp(2 * HALF * precision);
}

/** The mean level, the sum over k = 1..255 of P(x >= k/255), over 255. */
function meanLevel(loc: number, logScale: number): number {
  const precision = Math.exp(-logScale);
  let sum = 0;
  for (let k = 1; k < LEVELS; k++) sum += sigmoid(precision * (loc - (k - 0.5) / (LEVELS - 1)));
  return sum / (LEVELS - 1);
}

/** A draw of a logistic, rounded to the nearest level. */
function drawLevel(loc: number, logScale: number, rng: Rng): number {
  const u = rng.uniform();
  const y = loc + Math.exp(logScale) * Math.log(u / (1 - u));
  return Math.round(Math.min(Math.max(y, 0), 1) * (LEVELS - 1)) / (LEVELS - 1);
}

/** P(x) = sigma((x + h - m)/s) - sigma((x - h - m)/s), h = 1/510 (Salimans et al., 2017). */
const discretizedLogistic = kind(['loc', 'log_scale'], true, ([loc, logScale]) => ({
  logProb: (at, x) => logLevel(x, loc![at]!, logScale![at]!),
  mean: (at) => meanLevel(loc![at]!, logScale![at]!),
  draw: (at, rng) => drawLevel(loc![at]!, logScale![at]!, rng),
}));

/** P(x) = sum_k pi_k P_k(x), K discretized logistics of a cell. */
const logisticMixture = kind(
  ['logits', 'loc', 'log_scale'],
  true,
  ([logits, loc, logScale], cells) => {
    const k = logits!.length / cells;
    const parts = new Float64Array(k);
    return {
      logProb(at, x) {
        for (let i = 0; i < k; i++) {
          const j = at * k + i;
          parts[i] = logits![j]! + logLevel(x, loc![j]!, logScale![j]!);
        }
        return logSumExp(parts) - logSumExp(logits!, at * k, (at + 1) * k);
      },
      mean(at) {
        const all = logSumExp(logits!, at * k, (at + 1) * k);
        let sum = 0;
        for (let j = at * k; j < (at + 1) * k; j++) {
          sum += Math.exp(logits![j]! - all) * meanLevel(loc![j]!, logScale![j]!);
        }
        return sum;
      },
      draw(at, rng) {
        const j = at * k + rng.categorical(logits!, at * k, (at + 1) * k);
        return drawLevel(loc![j]!, logScale![j]!, rng);
      },
    };
  },
);

/** P(x = k) = e^{l_k} / sum_j e^{l_j} of codes 0 to C - 1; grades come as logits too. */
const categorical = kind(['logits'], true, ([logits], cells) => {
  const c = logits!.length / cells;
  return {
    logProb(at, x) {
      if (!isCount(x) || x >= c) return -Infinity;
      return logits![at * c + x]! - logSumExp(logits!, at * c, (at + 1) * c);
    },
    mean(at) {
      const all = logSumExp(logits!, at * c, (at + 1) * c);
      let sum = 0;
      for (let k = 0; k < c; k++) sum += k * Math.exp(logits![at * c + k]! - all);
      return sum;
    },
    draw: (at, rng) => rng.categorical(logits!, at * c, (at + 1) * c),
  };
});

/** log P(x) = x log r - r - log x!. */
const poisson = kind(['log_rate'], true, ([logRate]) => ({
  logProb(at, x) {
    if (!isCount(x)) return -Infinity;
    return x * logRate![at]! - Math.exp(logRate![at]!) - logGamma(x + 1);
  },
  mean: (at) => Math.exp(logRate![at]!),
  draw: (at, rng) => rng.poisson(Math.exp(logRate![at]!)),
}));

/**
 * P(x) = pi [x = 0] + (1 - pi) C(x + r - 1, x) (r/(r+m))^r (m/(r+m))^x; pi = 0 without its logits.
 */
const negativeBinomial = kind(
  ['log_mean', 'log_dispersion'],
  true,
  ([logMean, logDispersion], _cells, all) => {
    const zeros = all['zero_logits'];
    return {
      logProb(at, x) {
        if (!isCount(x)) return -Infinity;
        const [odds, r] = [logMean![at]! - logDispersion![at]!, Math.exp(logDispersion![at]!)];
        const ways = logGamma(x + r) - logGamma(r) - logGamma(x + 1);
        const counted = ways - r * softplus(odds) + x * logSigmoid(odds);
        if (!zeros) return counted;
        const drawn = logSigmoid(-zeros[at]!) + counted;
        return x === 0 ? logSumExp([logSigmoid(zeros[at]!), drawn]) : drawn;
      },
      mean: (at) => Math.exp(logMean![at]!) * (zeros ? sigmoid(-zeros[at]!) : 1),
      draw(at, rng) {
        if (zeros && rng.uniform() < sigmoid(zeros[at]!)) return 0;
        const r = Math.exp(logDispersion![at]!);
        return rng.poisson((rng.gamma(r) / r) * Math.exp(logMean![at]!));
      },
    };
  },
);

/** Every likelihood by the name that a model's card gives it. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  bernoulli,
  'continuous-bernoulli': continuousBernoulli,
  'discretized-logistic': discretizedLogistic,
  'logistic-mixture': logisticMixture,
  gaussian,
  laplace,
  'student-t': studentT,
  'log-normal': logNormal,
  beta,
  categorical,
  ordinal: categorical,
  poisson,
  'negative-binomial': negativeBinomial,
};
