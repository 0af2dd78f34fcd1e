import { expect, it } from 'vitest';
import { adding, cell, figure, significant } from './format';

it('makes what is shown add up, and never changes the total', () => {
  expect(adding(-136.79, [-129.74, -7.05], 1)).toEqual([-129.7, -7.1]);
  expect(adding(30.14, [13.96, 6.68, 9.5], 1)).toEqual([13.9, 6.7, 9.5]);
  expect(adding(1, [1 / 3, 1 / 3, 1 / 3], 2)).toEqual([0.34, 0.33, 0.33]);
});

it('keeps what is rounded as it is where that adds up', () => {
  expect(adding(-136.7, [-129.7, -7], 1)).toEqual([-129.7, -7]);
  expect(adding(0, [0, 0], 1)).toEqual([0, 0]);
});

it('changes no part by more than a unit, of many sums', () => {
  let seed = 1;
  const uniform = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let k = 0; k < 500; k++) {
    const parts = Array.from({ length: 2 + (k % 7) }, () => 200 * uniform() - 100);
    const total = parts.reduce((a, b) => a + b, 0);
    const shown = adding(total, parts, 1);
    expect(shown.reduce((a, b) => a + b, 0).toFixed(1)).toBe((Math.round(total * 10) / 10).toFixed(1));
    shown.forEach((value, i) => expect(Math.abs(value - parts[i]!)).toBeLessThan(0.1 + 1e-9));
  }
});

it('hides no parts that do not make their total', () => {
  expect(adding(10, [4, 5], 1)).toEqual([4, 5]);
  expect(adding(NaN, [1.04, 2.04], 1)).toEqual([1, 2]);
  expect(adding(-Infinity, [-Infinity, 2.04], 1)).toEqual([-Infinity, 2]);
});

it('writes what is small in one way', () => {
  expect([3.3e-6, 1.5e-9, 4.53e-5, 0.0045, 0.0123].map((value) => significant(value))).toEqual([
    '3.3 × 10⁻⁶', '1.5 × 10⁻⁹', '4.5 × 10⁻⁵', '4.5 × 10⁻³', '0.012',
  ]);
  expect([1, 0.0321, 0.04271, 0, -2e-12].map((value) => significant(value, 3))).toEqual(['1.00', '0.0321', '0.0427', '0', '−2.00 × 10⁻¹²']);
  expect(significant(-7182345)).toBe('−7.2 × 10⁶');
});

it('writes large numbers without digits that say nothing, and their thousands apart', () => {
  expect([3045.588, 123.456, 12.3456, 1.23456, -0.00001, -3045.588, 1234567.8, 12.34567].map((value) => figure(value))).toEqual([
    '3,046', '123.5', '12.35', '1.2346', '0.0000', '−3,046', '1,234,568', '12.35',
  ]);
});

it('writes a whole cell as one, and others with the decimals that they leave room for', () => {
  expect([30, 1, 0, -2, Math.fround(4.7) + 25.3, 2013, 68_000].map(cell)).toEqual(['30', '1', '0', '−2', '30', '2013', '68000']);
  expect([30.25, 0.001, 170.125, 1234.56, 12_345.6, -0.5].map(cell)).toEqual(['30.250', '0.001', '170.13', '1234.6', '12346', '−0.500']);
  expect([NaN, Infinity].map(cell)).toEqual(['–', '∞']);
});
