/**
 * One piece of work for all who wait for it: done once, and its answer kept. Whoever leaves before
 * it is there does not end it for the others; when the last has left, it is ended and forgotten.
 */
export class Shared<T> {
  readonly #stop = new AbortController();
  readonly #answer: Promise<T>;
  readonly #forget: () => void;
  #waiting = 0;

  /**
   * @param work  Does it, until the signal says that nobody waits any more.
   * @param forget  Called then, and where it fails; whoever asks later begins anew.
   */
  constructor(work: (signal: AbortSignal) => Promise<T>, forget: () => void) {
    this.#forget = forget;
    this.#answer = work(this.#stop.signal);
    // Whoever waits hears of what went wrong; who has left need not.
    this.#answer.catch(() => {
      if (!this.#stop.signal.aborted) forget();
    });
  }

  /** Wait for the answer, or until the signal says to leave; without one, to the end. */
  wait(signal?: AbortSignal): Promise<T> {
    this.#waiting++;
    if (!signal) return this.#answer;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason as Error);
        if (--this.#waiting) return;
        this.#forget();
        this.#stop.abort();
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      void this.#answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }
}
