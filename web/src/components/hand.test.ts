import { expect, it, vi } from 'vitest';
import { Hand } from './hand';

function held() {
  const hands = { pan: vi.fn(), zoom: vi.fn(), rest: vi.fn() };
  const at = (clientX: number) =>
    ({ button: 0, pointerId: 1, clientX, clientY: 0, currentTarget: { setPointerCapture: () => undefined } }) as unknown as PointerEvent & { currentTarget: Element };
  return { hands, hand: new Hand(hands), at };
}

it('says of a pointer that was taken away whether it had moved the map', () => {
  const { hands, hand, at } = held();
  hand.down(at(0));
  expect(hand.moved(at(20))).toBe(true);
  expect(hands.pan).toHaveBeenCalledOnce();
  expect(hand.cancel(at(20))).toBe(true);
  expect(hand.cancel(at(20))).toBe(false);
  hand.down(at(0));
  expect(hand.cancel(at(0))).toBe(false);
});

it('comes to rest after the wheel, but not where nobody looks any more', () => {
  vi.useFakeTimers();
  const { hands, hand } = held();
  const wheel = { deltaY: 10, clientX: 0, clientY: 0, preventDefault: () => undefined } as unknown as WheelEvent;
  hand.wheel(wheel);
  vi.runAllTimers();
  expect(hands.rest).toHaveBeenCalledOnce();
  hand.wheel(wheel);
  hand.leave();
  vi.runAllTimers();
  expect(hands.rest).toHaveBeenCalledOnce();
  vi.useRealTimers();
});
