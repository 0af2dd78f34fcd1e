/** The language of the page, and dictionaries that cannot lack a word in one of them. */

export type Language = 'en' | 'ko';
export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', ko: '한국어' };

const KEY = 'latentia-language';

class Speech {
  current = $state<Language>(first());

  set(language: Language): void {
    this.current = language;
    document.documentElement.lang = language;
    keep(KEY, language);
  }
}

/** What a dictionary holds: words, and functions that make sentences of numbers. */
type Words = Record<string, string | readonly string[] | ((...given: never[]) => string)>;
type Same<E extends Words> = {
  readonly [K in keyof E]: E[K] extends string
    ? string
    : E[K] extends readonly string[]
      ? readonly string[]
      : E[K];
};

/**
 * Return a dictionary whose entries are those of the language in use; reactive where it is read.
 *
 *     const t = dictionary({ title: 'Map' }, { title: '지도' });
 *     t.title
 *
 * What is missing in the second, or is no function where the first has one, is a type error.
 */
export function dictionary<const E extends Words>(en: E, ko: Same<E>): Same<E> {
  const found = {} as Same<E>;
  for (const key of Object.keys(en) as (keyof E)[]) {
    const korean = whole(ko[key]);
    Object.defineProperty(found, key, {
      enumerable: true,
      get: () => (speech.current === 'ko' ? korean : en[key]),
    });
  }
  return found;
}

/**
 * A word joiner where browsers break a Korean word in spite of `keep-all`: before a particle that follows
 * a bracket or a sign, as in p(x)를, and before a bracket.
 */
const joined = (text: string): string =>
  text.replaceAll(/(?<=[)\]%²’])(?=[가-힣])|(?<=[가-힣])(?=\()/g, '\u2060');

function whole(entry: unknown): unknown {
  if (typeof entry === 'string') return joined(entry);
  if (Array.isArray(entry)) return entry.map(whole);
  return (...given: never[]) => joined((entry as (...given: never[]) => string)(...given));
}

/** Read something that this browser keeps, if it may keep anything. */
export function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A page opened from disk may not; it then asks again the next time.
  }
}

function first(): Language {
  const said = kept(KEY) ?? (typeof navigator === 'undefined' ? 'en' : navigator.language);
  return said.toLowerCase().startsWith('ko') ? 'ko' : 'en';
}

export const speech = new Speech();
