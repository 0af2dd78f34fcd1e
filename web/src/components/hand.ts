/** A hand on a map: it pans with one pointer, and zooms with two or with the wheel. */

export interface Hands {
  /** Pixels since the last time. */
  pan(dx: number, dy: number, event: PointerEvent): void;
  /** How many times as much is to be seen, about a place of the screen. */
  zoom(factor: number, clientX: number, clientY: number): void;
  /** The wheel has come to rest. */
  rest(): void;
}

/** A finger that has gone no farther has tapped. */
const SLACK = 3;

export class Hand {
  readonly #held = new Map<number, { x: number; y: number }>();
  #travelled = 0;
  #settled: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly hands: Hands) {}

  wheel(event: WheelEvent): void {
    event.preventDefault();
    const by = Math.max(-60, Math.min(60, event.deltaY));
    this.hands.zoom(Math.exp(by * 0.004), event.clientX, event.clientY);
    clearTimeout(this.#settled);
    this.#settled = setTimeout(() => this.hands.rest(), 300);
  }

  /** Return whether this is the first pointer. */
  down(event: PointerEvent & { currentTarget: Element }): boolean {
    if (event.button) return false;
    event.currentTarget.setPointerCapture(event.pointerId);
    this.#held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.#travelled = 0;
    return this.#held.size === 1;
  }

  /** Return whether the pointer holds the map, and does not only hover. */
  moved(event: PointerEvent): boolean {
    const before = this.#held.get(event.pointerId);
    if (!before) return false;
    const [dx, dy] = [event.clientX - before.x, event.clientY - before.y];
    this.#travelled += Math.hypot(dx, dy);
    const other = [...this.#held].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const was = Math.hypot(before.x - other.x, before.y - other.y);
      const is = Math.hypot(event.clientX - other.x, event.clientY - other.y);
      if (was > 0 && is > 0) this.hands.zoom(was / is, other.x, other.y);
    } else if (this.#travelled > SLACK) this.hands.pan(dx, dy, event);
    this.#held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    return true;
  }

  /** Return what a pointer that lets go has done; nothing where it held nothing. */
  up(event: PointerEvent): 'tap' | 'drag' | undefined {
    if (!this.#held.delete(event.pointerId)) return undefined;
    return this.#travelled > SLACK ? 'drag' : 'tap';
  }

  /** Return whether the pointer that was taken away had moved the map. */
  cancel(event: PointerEvent): boolean {
    return this.#held.delete(event.pointerId) && this.#travelled > SLACK;
  }

  /** Nobody looks any more: the wheel comes to no rest. */
  leave(): void {
    clearTimeout(this.#settled);
  }
}
