import { expect, test } from 'vitest';
import { gapOf, percent, said } from './said';

test('a long number is read by what is significant of it', () => {
  expect(said(-532439213.8)).toBe('−5.3 × 10⁸');
  expect(said(1656647.5)).toBe('1.7 × 10⁶');
  expect(said(-306.24)).toBe('−306.2');
  expect(said(undefined)).toBe('–');
});

test('a share is all or nothing only where it is', () => {
  expect([0, 0.4, 1].map(percent)).toEqual(['0', '40', '100']);
  expect([0.0001, 0.002, 0.9961, 0.9999].map(percent)).toEqual(['0.1', '0.2', '99.6', '99.9']);
});

test('the gap is the difference of the numbers that are read', () => {
  expect(gapOf(-174.46, -306.16)).toBeCloseTo(131.7, 9);
  expect(gapOf(-3e6, -5.3e8)).toBe(5.27e8);
});
