/** What a screen reader is told of what happened on a canvas. */

class Announcer {
  said = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Say something, once whoever moves quickly has come to rest. */
  say(text: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.said = text), 150);
  }
}

const announcer = new Announcer();
export const announced = announcer;
export const announce = (text: string): void => announcer.say(text);
