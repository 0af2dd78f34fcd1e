/** Milliseconds within which the answer to a question that was passed over may still come. */
export const PATIENCE = 800;

/**
 * Questions that follow each other, of which the newest is wanted: an epoch while it is scrubbed.
 * One that is passed over may still be answered for a while, so that something moves; then it is
 * given up, unless it has been asked again.
 */
export class Passing<Q> {
  /** Those that are not given up, the newest at the end. */
  #asked: readonly { readonly question: Q; readonly passed: AbortController }[] = [];

  /** Return the signal that says that a question was passed over; nothing where it is the last again. */
  next(question: Q): AbortSignal | undefined {
    const older = this.#asked;
    if (older.length && older.at(-1)?.question === question) return undefined;
    const passed = new AbortController();
    this.#asked = [...older, { question, passed }];
    setTimeout(() => {
      const last = this.#asked.at(-1)?.question;
      for (const one of older) if (one.question !== last) one.passed.abort();
      this.#asked = this.#asked.filter((one) => !one.passed.signal.aborted);
    }, PATIENCE);
    return passed.signal;
  }
  /** Give up all that was asked: nobody waits for it any more. */
  end(): void {
    for (const { passed } of this.#asked) passed.abort();
    this.#asked = [];
  }
}
