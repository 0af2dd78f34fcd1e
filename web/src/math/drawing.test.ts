import { expect, test } from 'vitest';
import fixture from '../../fixtures/drawing.json';
import * as drawing from './drawing';
import type { Image } from './drawing';

const digits: Image[] = fixture.digits.map((row) => ({
  width: 28,
  height: 28,
  pixels: Float64Array.from(row, (v) => v / 255),
}));

function near(found: Image, expected: number[][], digits = 8): void {
  const flat = expected.flat();
  expect(found.pixels.length).toBe(flat.length);
  flat.forEach((v, i) => expect(found.pixels[i]).toBeCloseTo(v, digits));
}

test.each(fixture.drawings)(
  'the drawing "$name" is the one of Python, before and after',
  (one) => {
    const ink = drawing.drawn(one.strokes, fixture.side, fixture.pen);
    near(ink, one.ink);
    const found = drawing.asMnist(ink);
    near(found, one.mnist, 6);
    const [left, top, right, bottom] = drawing.inkBox(found)!;
    expect(Math.max(right - left, bottom - top)).toBeLessThanOrEqual(20);
    const [x, y] = drawing.centreOfMass(found);
    expect(Math.max(Math.abs(x - 14), Math.abs(y - 14))).toBeLessThanOrEqual(0.5);
    expect(Math.max(...found.pixels)).toBeCloseTo(1, 12);
  },
);

test('a digit of MNIST stays as it is, wherever and however large it was drawn', () => {
  for (const digit of digits) {
    const darkest = Math.max(...digit.pixels);
    const pixels = digit.pixels.map((v) => v / darkest);
    near(drawing.asMnist(digit), [[...pixels]], 12);
    near(drawing.asMnist(drawing.shifted(digit, 3, -2)), [[...pixels]], 12);
    const large = drawing.resampled(digit, [0, 0, 28, 28], 84, 84);
    near(drawing.asMnist(large), [[...pixels]], 10);
  }
});

test('paper stays paper', () => {
  expect(drawing.asMnist(drawing.blank(100)).pixels.every((v) => v === 0)).toBe(true);
  expect(drawing.inkBox(drawing.drawn([], 20, 3))).toBeNull();
});

test('resampling keeps the ink, and a dot is a disk', () => {
  const { pixels } = drawing.drawn([[20, 20]], 40, 11);
  expect(pixels.reduce((a, b) => a + b)).toBeCloseTo(Math.PI * 5.5 ** 2, -0.3);
  const image = digits[1]!;
  const small = drawing.resampled(image, [0, 0, 28, 28], 11, 9);
  const ink = (of: Image) => of.pixels.reduce((a, b) => a + b) / of.pixels.length;
  expect(ink(small)).toBeCloseTo(ink(image), 12);
});

test('shifts and enlargements are those of scipy', () => {
  near(drawing.shifted(digits[0]!, 10.6, -3.3), fixture.moved);
  near(drawing.scaled(digits[0]!, 1.3), fixture.scaled);
  expect(drawing.shifted(digits[0]!, 0, 0)).toEqual(digits[0]);
  expect(drawing.inverted(drawing.inverted(digits[0]!)).pixels[300]).toBeCloseTo(
    digits[0]!.pixels[300]!,
    14,
  );
});

test('a digit is nearer to itself cut than to itself shifted, by the numbers of Python', () => {
  digits.forEach((digit, i) => {
    const found = drawing.shiftedDigit(digit);
    expect(found.toBad).toBeCloseTo(fixture.toBad[i]!, 9);
    expect(found.toGood).toBeCloseTo(fixture.toGood[i]!, 9);
  });
  expect(
    digits.filter((d) => drawing.shiftedDigit(d).toBad < drawing.shiftedDigit(d).toGood).length,
  ).toBeGreaterThan(2);
});
