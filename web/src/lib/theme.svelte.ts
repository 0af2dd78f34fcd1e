/** Light or dark: as the system is, or as was chosen. */

import { keep, kept } from '$lib/language.svelte';
import { TONES, type Tones } from '$lib/pictures';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'latentia-theme';

class Themes {
  chosen = $state<Theme>((kept(KEY) as Theme | null) ?? 'system');
  #system = $state(false);
  /** Whether what is drawn on a canvas is drawn on a dark ground now. */
  readonly isDark = $derived(this.chosen === 'system' ? this.#system : this.chosen === 'dark');
  /** What pictures of ink are drawn with now. */
  readonly tones: Tones = $derived(TONES[this.isDark ? 'dark' : 'light']);

  start(): void {
    const query = matchMedia('(prefers-color-scheme: dark)');
    this.#system = query.matches;
    query.addEventListener('change', () => (this.#system = query.matches));
    this.#show();
  }

  set(theme: Theme): void {
    this.chosen = theme;
    keep(KEY, theme);
    this.#show();
  }

  #show(): void {
    if (this.chosen === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.chosen;
  }
}

export const themes = new Themes();

/** Whether movement is unwelcome: nothing then plays by itself, and nothing glides. */
export const isStill = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
