/** Keys that say a way. */

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Whether a key belongs to the browser or the system: what takes keys leaves these alone. */
export const isChord = (event: KeyboardEvent): boolean => event.ctrlKey || event.metaKey || event.altKey;

/** Whether a key is a letter of a text that is written. */
export const isTyping = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLElement && target.matches('textarea, [type="text"]');

/** The way an arrow key points, [across, up]; nothing of other keys. */
export const arrowOf = (event: KeyboardEvent): readonly [number, number] | undefined =>
  isChord(event) ? undefined : ARROWS[event.key];
