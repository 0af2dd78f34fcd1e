/** The camera of a map: as it was left, in the URL; as it moves; or as it is where nothing is said. */

import type { Camera } from './scatter';
import { field, vectorOf, type Codec } from '$lib/state.svelte';

const three = vectorOf(() => 3);
const codec: Codec<readonly number[]> = {
  read: (text) => {
    const found = three.read(text);
    return found && (found[2] ?? 0) > 0 ? found : undefined;
  },
  write: three.write,
};

export class KeptCamera {
  readonly #kept;
  #moving = $state.raw<Camera>();
  readonly #usual: () => Camera;

  /** @param name  Of the field; @param usual  What is seen where nothing is said. */
  constructor(name: string, usual: () => Camera) {
    this.#kept = field<readonly number[]>(name, codec, []);
    this.#usual = usual;
  }

  get value(): Camera {
    if (this.#moving) return this.#moving;
    const [x, y, half] = this.#kept.value;
    return x !== undefined && y !== undefined && half && half > 0 ? { x, y, half } : this.#usual();
  }

  /** Whether nothing is said, and no hand moves it. */
  get isUsual(): boolean {
    return !this.#moving && this.#kept.value.length === 0;
  }

  /** Follow a hand; what it leaves is one step. As `onmove` of a map. */
  readonly move = (next: Camera, isOver: boolean): void => {
    this.#moving = isOver ? undefined : next;
    if (isOver) this.#kept.value = [next.x, next.y, next.half];
  };

  /** As it is where nothing is said. */
  readonly reset = (): void => {
    this.#moving = undefined;
    this.#kept.value = [];
  };
}
