/** The latest question wins: one is under way, one waits, and whoever was between is forgotten. */

import { trouble } from '$lib/trouble.svelte';

export class Latest<Q, A> {
  #busy = false;
  #next: { question: Q; since: number } | undefined;
  /** Milliseconds from a question to its answer, of the last some hundred. */
  readonly times: number[] = [];

  /**
   * @param answer  What is asked.
   * @param tell  Who is told; never of an older question after a newer one.
   * @param fail  Who is told of what failed: where it is left out, the page says so above the view.
   */
  constructor(
    readonly answer: (question: Q) => Promise<A>,
    readonly tell: (answer: A, question: Q) => void,
    readonly fail: (error: Error) => void = trouble.tell,
  ) {}

  ask(question: Q): void {
    this.#next = { question, since: performance.now() };
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#next) {
      const { question, since } = this.#next;
      this.#next = undefined;
      try {
        const answer = await this.answer(question);
        this.times.push(performance.now() - since);
        if (this.times.length > 500) this.times.shift();
        this.tell(answer, question);
      } catch (error) {
        this.fail(error instanceof Error ? error : new Error(String(error)));
      }
    }
    this.#busy = false;
  }
}
