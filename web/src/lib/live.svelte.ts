/** A run as it goes on: rows of metrics and where it stands, sent by the program behind the page. */

import { page } from '$lib/page.svelte';
import type { MetricsRow } from '$lib/source/description';
import { asked } from '$lib/source/served';

/** Where a run stands; of a run that is followed by its files, `state` alone is known. */
export interface Standing {
  readonly state: 'training' | 'paused' | 'stopping' | 'over';
  /** Why it is over, where that needs a word. */
  readonly why?: string;
  readonly warnings?: readonly string[];
  readonly epoch?: number;
  readonly epochs?: number;
  readonly step?: number;
  readonly steps?: number;
  readonly best_epoch?: number | null;
  readonly learning_rate?: number;
  readonly examples_per_second?: number | null;
  /** Seconds. */
  readonly elapsed?: number;
  readonly left?: number | null;
  /** Epochs of which there are pictures; 0 is the untrained model. */
  readonly frames?: readonly number[];
}

interface Said {
  readonly whole?: boolean;
  readonly rows?: readonly MetricsRow[];
  readonly standing?: Standing;
  readonly over?: boolean;
}

export type Wish = 'pause' | 'resume' | 'stop';

class Live {
  rows = $state.raw<readonly MetricsRow[]>([]);
  standing = $state.raw<Standing>();
  /** Whether the program behind the page does not answer now. */
  isLost = $state(false);
  /** Whether anything has come yet. */
  isHere = $state(false);
  /** Why there are no rows, where there will be none. */
  error = $state.raw<Error>();
  #source: EventSource | undefined;
  #followers = 0;

  /** Follow the run while a view is there; returns what ends it. */
  follow(): () => void {
    this.#followers++;
    if (this.#followers === 1) this.#start();
    return () => {
      this.#followers--;
      if (this.#followers) return;
      this.#source?.close();
      this.#source = undefined;
    };
  }

  async wish(what: Wish): Promise<void> {
    const response = await asked(`page-data/wish/${what}`, { method: 'POST' });
    this.standing = (await response.json()) as Standing;
  }

  #start(): void {
    this.error = undefined;
    if (!page.source.isServed) {
      page.metrics().then(
        (rows) => this.#hear({ whole: true, rows }),
        (error: unknown) => (this.error = error instanceof Error ? error : new Error(String(error))),
      );
      return;
    }
    const source = new EventSource('page-data/live');
    this.#source = source;
    source.onopen = () => (this.isLost = false);
    source.onmessage = ({ data }: MessageEvent<string>) => this.#hear(JSON.parse(data) as Said);
    // The browser asks again by itself, until the run is known to be over.
    source.onerror = () => (this.isLost = true);
  }

  #hear(said: Said): void {
    this.isHere = true;
    if (said.rows) this.rows = said.whole ? said.rows : [...this.rows, ...said.rows];
    if (said.standing) this.standing = said.standing;
    if (said.over) this.#source?.close();
  }
}

export const live = new Live();
