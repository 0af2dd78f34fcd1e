import { expect, test } from 'vitest';
import fixture from '../../fixtures/evidence.json';
import * as evidence from './evidence';
import { LINEAR } from './known';
import { Rng } from './rng';
import { logMeanExp, type Numbers } from './special';

const { weights } = fixture;

const effective = (logWeight: Numbers, to = logWeight.length): number =>
  new evidence.Running().addAll(logWeight, 0, to).effective;

test('the estimate, its error and the effective size are those of Python', () => {
  const state = new evidence.Running().addAll(weights.logWeight);
  expect(state.estimate).toBeCloseTo(weights.estimate, 10);
  expect(state.error).toBeCloseTo(weights.error, 10);
  expect(state.effective).toBeCloseTo(weights.effective, 8);
});

test('all samples count as one where one rules, and as many where all are equal', () => {
  expect(effective([0, 0, 0, 0])).toBeCloseTo(4, 12);
  expect(effective([0, 900, 0, 0])).toBeCloseTo(1, 12);
  expect(effective([-Infinity, -Infinity])).toBe(0);
  expect(new evidence.Running().addAll([3]).error).toBeNaN();
});

test('importance sampling finds log p(x) within its error, and from q far sooner', async () => {
  const exact = LINEAR.logEvidence;
  for (const proposal of [2, { ...LINEAR.posterior, axes: [0.6, 0.6] as const }]) {
    const drawn = await evidence.importance(LINEAR.logLikelihood, proposal, 20000, new Rng(1));
    const state = new evidence.Running().addAll(drawn.logWeight);
    expect(Math.abs(state.estimate - exact)).toBeLessThan(4 * state.error);
    expect(state.error).toBeLessThan(0.03);
    expect(drawn.z.length).toBe(40000);
  }
  const of = async (proposal: Parameters<typeof evidence.importance>[1]) =>
    (await evidence.importance(LINEAR.logLikelihood, proposal, 1000, new Rng(2))).logWeight;
  const [prior, exactly] = [await of(2), await of(LINEAR.posterior)];
  expect(effective(prior)).toBeLessThan(200);
  // Of the true posterior every weight is p(x) itself.
  expect(effective(exactly)).toBeCloseTo(1000, 6);
  exactly.forEach((value) => expect(value).toBeCloseTo(exact, 9));
});

test('the running estimate is that of each beginning', async () => {
  const { logWeight } = await evidence.importance(LINEAR.logLikelihood, 2, 3000, new Rng(3));
  const counts = evidence.logCounts(3000, 30);
  expect([counts[0], counts.at(-1)]).toEqual([1, 3000]);
  const steps = evidence.running(logWeight, counts);
  steps.forEach((step, i) => {
    expect(step.count).toBe(counts[i]);
    expect(step.estimate).toBeCloseTo(logMeanExp(logWeight, 0, step.count), 9);
    expect(step.effective).toBeCloseTo(effective(logWeight, step.count), 6);
  });
});

test('of 19 runs a band holds the next one nine times of ten, though few draws count', async () => {
  const [trials, runs, most] = [400, 20, 30];
  const { logWeight } = await evidence.importance(LINEAR.logLikelihood, 2, trials * runs * most, new Rng(4));
  expect(effective(logWeight, most)).toBeLessThan(8);
  const counts = [1, 5, 30];
  const inside = [0, 0, 0];
  for (let trial = 0; trial < trials; trial++) {
    const each = Array.from({ length: runs }, (_, i) =>
      logWeight.subarray((trial * runs + i) * most, (trial * runs + i + 1) * most),
    );
    const next = evidence.running(each[0]!, counts);
    evidence.band(each.slice(1), counts).forEach(([low, high], i) => {
      const { estimate } = next[i]!;
      if (low <= estimate && estimate <= high) inside[i]! += 1;
    });
  }
  // Four standard errors of 0.9 over the trials.
  inside.forEach((n) => expect(Math.abs(n / trials - 0.9)).toBeLessThan(0.06));
});

test('samples are drawn again in proportion to their weights', () => {
  const logWeight = [Math.log(1), Math.log(3), -Infinity, Math.log(6)].map((v) => v - 700);
  const counts = [0, 0, 0, 0];
  evidence.resample(logWeight, 20000, new Rng(6)).forEach((i) => (counts[i]! += 1));
  [0.1, 0.3, 0, 0.6].forEach((share, i) =>
    expect(Math.abs(counts[i]! / 20000 - share)).toBeLessThan(
      4 * Math.sqrt(share / 20000) + 1e-12,
    ),
  );
});
