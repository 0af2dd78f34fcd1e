/**
 * The state of the page: one flat record of texts, which is what stands in the URL's hash.
 *
 *     #/explore/map?x=12&map.colour=kl
 *
 * A `field` is a typed view of one entry. Whatever is not in a field is not shared by a link, not
 * undone and not remembered, so nothing that a user chose belongs anywhere else.
 */

import { untrack } from 'svelte';
import type { Codec } from './codecs';

export { codecs, indexBelow, vectorOf, type Codec } from './codecs';

type Entries = Readonly<Record<string, string>>;

interface Snapshot {
  readonly view: string;
  readonly entries: Entries;
}

/** Milliseconds after which a change is in the URL: browsers take only so many in a while. */
const SOON = 250;
/** Milliseconds after which it is there at the latest, whatever changes meanwhile. */
const LATEST = 1000;
const MOST = 200;
/** Milliseconds within which keys that change the same entries are one step, as those of a key that is held are. */
const HELD = 400;
const isStepKey = (key: string): boolean => /^(Arrow|Page(Up|Down)$|Home$|End$|[+=[\]-]$)/.test(key);
/** The mark of addresses that were written here. */
const OWN = { own: true };
/** Entries that belong to the page and not to one view: they stay when the view changes. */
const isShared = (key: string): boolean => !key.includes('.');

/** What one entry says, apart from the rest: whoever reads it hears of no other. */
class Said {
  text = $state.raw<string>();
}

class PageState {
  #snapshot = $state.raw<Snapshot>({ view: '', entries: {} });
  /** Of the entries that have a field. */
  readonly #said = new Map<string, Said>();
  #past = $state.raw<readonly Snapshot[]>([]);
  #future = $state.raw<readonly Snapshot[]>([]);
  /** Where a gesture (a drag of a slider, say) began, while it lasts. */
  #before: Snapshot | undefined;
  #depth = 0;
  /** Whether the hand's last word was a key that moves something, and one that is held. */
  #isByKey = false;
  #isHeld = false;
  /** What the last step changed, and when, where it was made by such a key. */
  #keyed: { readonly what: string; readonly when: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Since when something is not in the URL. */
  #unwritten: number | undefined;
  #turns = $state(0);
  /** How the field of a key would write a text; nothing where it is the usual or cannot be read. */
  readonly #fields = new Map<string, (text: string) => string | undefined>();
  #isToMend = false;

  get #now(): Snapshot {
    return this.#snapshot;
  }

  set #now(next: Snapshot) {
    this.#snapshot = next;
    for (const [key, said] of this.#said) said.text = next.entries[key];
  }

  get view(): string {
    return this.#now.view;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** How often all was put elsewhere, by undo, redo or the browser: what plays by itself stops then. */
  get turns(): number {
    return this.#turns;
  }

  entry(key: string): string | undefined {
    const said = this.#said.get(key);
    return said ? said.text : this.#now.entries[key];
  }

  /** Begin to follow the URL. */
  start(initial: string): void {
    this.#now = parsed(location.hash, initial);
    addEventListener('hashchange', () => {
      const next = parsed(location.hash, initial);
      if (written(next) !== written(this.#now)) {
        // An address that was written here is the browser's own way back or forth, and no edit.
        if ((history.state as { readonly own?: boolean } | null)?.own) this.#return(next);
        else this.#become(next);
        this.#turns++;
        this.#write();
      }
      this.#mendSoon();
    });
    const heard = (event: Event): void => {
      const isByKey = event.type === 'keydown' && isStepKey((event as KeyboardEvent).key);
      if (!isByKey) this.#keyed = undefined;
      this.#isByKey = isByKey;
      this.#isHeld = isByKey && (event as KeyboardEvent).repeat;
    };
    for (const type of ['keydown', 'pointerdown']) addEventListener(type, heard, true);
    this.#write();
    this.#mendSoon();
  }

  /** A field is there: what is said of it, and is not true, leaves the address. */
  know(key: string, rewrite: (text: string) => string | undefined): void {
    this.#fields.set(key, rewrite);
    if (!this.#said.has(key)) {
      const said = new Said();
      // Where a component begins, nothing is read or written for it.
      untrack(() => (said.text = this.#now.entries[key]));
      this.#said.set(key, said);
    }
    this.#mendSoon();
  }

  /** Say nothing of an entry that has proved untrue; no step. */
  drop(key: string): void {
    this.amend(key, undefined);
  }

  /** Change an entry that follows from something else: no step, and what was undone can still be redone. */
  amend(key: string, text: string | undefined): void {
    if (this.#now.entries[key] === text) return;
    this.#now = { view: this.#now.view, entries: withEntry(this.#now.entries, key, text) };
    this.#write();
  }

  /** Go to another view, of whose own entries some can be given. */
  go(view: string, entries: Entries = {}): void {
    const next = { view, entries: { ...this.#now.entries, ...entries } };
    if (view === this.#now.view && written(next) === written(this.#now)) return;
    this.#become(next);
    clearTimeout(this.#timer);
    this.#unwritten = undefined;
    // The one change that the browser's own way back should know of.
    history.pushState(OWN, '', written(next));
  }

  /** Return the address of a view as it would be gone to, for links. */
  address(view: string, entries: Entries = {}): string {
    return written({ view, entries: { ...this.#now.entries, ...entries } });
  }

  /** Change one entry: a step that can be undone, unless a gesture or `step` is under way. */
  set(key: string, text: string | undefined): void {
    if (this.#now.entries[key] === text) return;
    const next = { view: this.#now.view, entries: withEntry(this.#now.entries, key, text) };
    if (this.#before || this.#depth) this.#now = next;
    else this.#become(next);
    this.#write();
  }

  /** Several changes that are one step. */
  step(change: () => void): void {
    const before = this.#now;
    this.#depth++;
    try {
      change();
    } finally {
      this.#depth--;
    }
    if (!this.#depth && !this.#before) this.#remember(before);
  }

  /** A gesture begins: what changes until `end` is one step. Calling it again does nothing. */
  begin(): void {
    this.#before ??= this.#now;
  }

  end(): void {
    const before = this.#before;
    this.#before = undefined;
    if (before) this.#remember(before);
  }

  undo(): void {
    this.end();
    this.#keyed = undefined;
    // The browser's way back may have led to where the last step began.
    let past = this.#past;
    while (past.length > 1 && written(past.at(-1)!) === written(this.#now)) past = past.slice(0, -1);
    const last = past.at(-1);
    if (!last) return;
    this.#past = past.slice(0, -1);
    this.#future = [this.#now, ...this.#future];
    this.#now = last;
    this.#turns++;
    this.#write();
  }

  redo(): void {
    const [next, ...rest] = this.#future;
    if (!next) return;
    this.#keyed = undefined;
    this.#past = [...this.#past, this.#now];
    this.#future = rest;
    this.#now = next;
    this.#turns++;
    this.#write();
  }

  /**
   * Take back what an entry has last got, whatever was done since: as if that step had never been
   * made, but for `redo`, which brings it back.
   */
  takeBack(key: string, text: string | undefined): void {
    const before = this.#now;
    const from = before.entries[key];
    if (from === text) return;
    const without = (at: Snapshot): Snapshot =>
      at.entries[key] === from ? { view: at.view, entries: withEntry(at.entries, key, text) } : at;
    this.#before = this.#keyed = undefined;
    this.#now = without(before);
    const way = [...this.#past.map(without), this.#now];
    // The step itself is none any more.
    this.#past = way.filter((at, i) => i + 1 < way.length && !isSame(at, way[i + 1]!));
    this.#future = [before, ...this.#future];
    this.#turns++;
    this.#write();
  }

  /** Return the whole address, as a link that can be sent; of a file on a disk, its name and what goes behind it. */
  link(): string {
    const [address = ''] = location.href.split('#');
    return (location.protocol === 'file:' ? nameOf(address) : address) + written(this.#now);
  }

  /** Later, for fields are made while others are drawn. */
  #mendSoon(): void {
    if (this.#isToMend) return;
    this.#isToMend = true;
    queueMicrotask(() => {
      this.#isToMend = false;
      const entries = Object.fromEntries(
        Object.entries(this.#now.entries).flatMap(([key, text]) => {
          const rewrite = this.#fields.get(key);
          const said = rewrite ? rewrite(text) : text;
          return said === undefined ? [] : [[key, said]];
        }),
      );
      const next = { view: this.#now.view, entries };
      if (written(next) === written(this.#now)) return;
      this.#now = next;
      this.#write();
    });
  }

  #become(next: Snapshot): void {
    const before = this.#now;
    this.#before = undefined;
    this.#now = next;
    this.#remember(before);
  }

  #remember(before: Snapshot): void {
    if (written(before) === written(this.#now)) return;
    this.#future = [];
    const what = this.#isByKey ? changed(before, this.#now) : '';
    const now = Date.now();
    const isOn = what !== '' && what === this.#keyed?.what && (this.#isHeld || now - this.#keyed.when < HELD);
    this.#keyed = what === '' ? undefined : { what, when: now };
    if (isOn) return;
    this.#past = [...this.#past, before].slice(-MOST);
  }

  /** Be where the browser's way back or forth leads; other views keep what is theirs. */
  #return(next: Snapshot): void {
    const own = ownOf(next.view);
    const others = Object.entries(this.#now.entries).filter(([key]) => !isShared(key) && !key.startsWith(own));
    this.#before = this.#keyed = undefined;
    this.#now = { view: next.view, entries: { ...Object.fromEntries(others), ...next.entries } };
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#unwritten ??= Date.now();
    const left = this.#unwritten + LATEST - Date.now();
    this.#timer = setTimeout(() => {
      this.#unwritten = undefined;
      history.replaceState(OWN, '', written(this.#now));
    }, Math.max(0, Math.min(SOON, left)));
  }
}

/** Entries with one that says something else; nothing takes it out. */
function withEntry(entries: Entries, key: string, text: string | undefined): Entries {
  const { [key]: _, ...others } = entries;
  return text === undefined ? others : { ...others, [key]: text };
}

/** What two snapshots differ in; nothing where they are of different views. */
function changed(before: Snapshot, now: Snapshot): string {
  if (before.view !== now.view) return '';
  const keys = Object.keys({ ...before.entries, ...now.entries });
  return keys.filter((key) => before.entries[key] !== now.entries[key]).sort().join(' ');
}

const isSame = (a: Snapshot, b: Snapshot): boolean =>
  a.view === b.view && Object.keys({ ...a.entries, ...b.entries }).every((key) => a.entries[key] === b.entries[key]);

function parsed(hash: string, initial: string): Snapshot {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return { view: path || initial, entries: Object.fromEntries(new URLSearchParams(query)) };
}

const ownOf = (view: string): string => `${view.split('/').at(-1)}.`;

/** A view's own entries are named `view.key` by its last part, and stay behind when it is left. */
function written({ view, entries }: Snapshot): string {
  const own = ownOf(view);
  const kept = Object.entries(entries)
    .filter(([key]) => isShared(key) || key.startsWith(own))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const query = new URLSearchParams(kept).toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  return `#/${view}${query ? `?${query}` : ''}`;
}

export const state = new PageState();

/** A typed view of one entry of the state. */
export interface Field<T> {
  readonly key: string;
  readonly initial: T;
  /** Reactive; the initial value where the URL says nothing, or nothing that can be read. */
  value: T;
  /** Say what follows from something else: no step that could be undone. */
  amend(next: T): void;
  /** What would be read of it in the address. */
  rounded(value: T): T;
  /** Take back the last of what was said, which is `next` without it: `redo` brings it back. */
  takeBack(next: T): void;
}

/**
 * Return a field.
 *
 * @param key  `name` of what all views share, `view.name` of one view's own.
 * @param initial  What it is where nothing is said; it then stands in no URL.
 */
export function field<T>(key: string, codec: Codec<T>, initial: T): Field<T> {
  const usual = codec.write(initial);
  const said = (next: T): string | undefined => {
    const written = codec.write(next);
    return written === usual ? undefined : written;
  };
  // Parsed once for each text, so that the same text is the same object.
  let text: string | undefined;
  let value = initial;
  state.know(key, (text) => {
    const found = codec.read(text);
    return found === undefined ? undefined : said(found);
  });
  return {
    key,
    initial,
    get value(): T {
      const now = state.entry(key);
      if (now === undefined) return initial;
      if (now !== text) {
        value = codec.read(now) ?? initial;
        text = now;
      }
      return value;
    },
    set value(next: T) {
      state.set(key, said(next));
    },
    amend: (next) => state.amend(key, said(next)),
    rounded: (value) => codec.read(codec.write(value)) ?? value,
    takeBack: (next) => state.takeBack(key, said(next)),
  };
}

/** The name of the file at an address, as a person reads it. */
export function nameOf(address: string): string {
  const [name = ''] = address.slice(address.lastIndexOf('/') + 1).split('?');
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // a name with a % of its own
  }
}
