/** A path that is played: there and back, until a hand stops it. */

import { onDestroy, untrack } from 'svelte';
import { state as pageState } from '$lib/state.svelte';

/** Milliseconds from one place to the next. */
const PACE = 2600;

export interface Walk {
  readonly isOn: boolean;
  start(): void;
  stop(): void;
}

/**
 * Return what plays; called where effects can be.
 *
 * @param now  Where one is, 0..1, and how many stretches the path has.
 * @param to  Go there: it moves by itself, and none of it is a step.
 */
export function walking(now: () => { at: number; stretches: number }, to: (at: number) => void): Walk {
  let isOn = $state(false);
  let next = 0;

  function start(): void {
    isOn = true;
    let [{ at }, before] = [now(), performance.now()];
    let sign = at >= 1 ? -1 : 1;
    const tick = (time: number): void => {
      at += (sign * (time - before)) / (PACE * now().stretches);
      before = time;
      if (at >= 1) [at, sign] = [1, -1];
      else if (at <= 0) [at, sign] = [0, 1];
      to(at);
      next = requestAnimationFrame(tick);
    };
    next = requestAnimationFrame(tick);
  }

  function stop(): void {
    if (!isOn) return;
    isOn = false;
    cancelAnimationFrame(next);
  }

  // What undo takes back is not played over.
  $effect(() => {
    void pageState.turns;
    untrack(stop);
  });
  onDestroy(stop);
  return {
    get isOn() {
      return isOn;
    },
    start,
    stop,
  };
}
