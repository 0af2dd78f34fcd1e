import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { josa, type Particle } from './josa';
import { dictionary, speech, type Language } from './language.svelte';

type Entry = string | readonly string[] | ((...given: unknown[]) => string);
type Dictionary = Readonly<Record<string, Entry>>;

const modules = {
  ...import.meta.glob<Record<string, Dictionary>>('../views/*/{text,cells}.ts', { eager: true }),
  ...import.meta.glob<Record<string, Dictionary>>(
    ['../app/text.ts', './words.ts', './source/trouble.ts'],
    { eager: true },
  ),
};
const sources = import.meta.glob<string>(['../**/*.{ts,svelte}', '!../**/*.test.ts'], {
  eager: true,
  query: '?raw',
  import: 'default',
});

/** Every entry in both languages, as the texts that it gives for each list of arguments. */
interface Told {
  readonly where: string;
  readonly en: readonly string[];
  readonly ko: readonly string[];
}

const given = Array.from({ length: 6 }, (_, i) => `⟦${i}⟧`);
/** With all arguments, and with each left empty in its turn. */
const cases = [given, ...given.map((_, i) => given.map((one, k) => (k === i ? '' : one)))];

function textsOf(of: Dictionary, key: string, language: Language): string[] {
  speech.current = language;
  const entry = of[key] ?? [];
  const found = typeof entry === 'function' ? cases.map((list) => entry(...list)) : [entry].flat();
  return found.map((text) => text.replaceAll('\u2060', ''));
}

const told: readonly Told[] = Object.entries(modules).flatMap(([file, found]) =>
  Object.values(found)
    .filter((one) => typeof one === 'object')
    .flatMap((of) =>
      Object.keys(of).map((key) => ({
        where: `${file} ${key}`,
        en: textsOf(of, key, 'en'),
        ko: textsOf(of, key, 'ko'),
      })),
    ),
);

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
const forbidden = readme
  .split('| English | Korean | not |')[1]!
  .split('\n\n')[0]!
  .split('\n')
  .flatMap((row) => (row.split('|')[3] ?? '').split(','))
  .map((word) => word.trim())
  .filter((word) => word && !word.startsWith('---'));

/** Korean as it is said: without what is put in, and without English that explains it in brackets. */
const plain = (text: string): string =>
  text.replaceAll(/\$\{[^}]*\}/g, '…').replaceAll(/\([A-Za-z -]+\)/g, '');
const holds = (text: string, word: string): boolean =>
  /[가-힣]/.test(word)
    ? plain(text).includes(word)
    : new RegExp(`(?<![A-Za-z])${word}(?![A-Za-z])`, 'i').test(plain(text));
const wrongIn = (text: string): string[] => forbidden.filter((word) => holds(text, word));

/** The strings of a source that have Korean in them. */
const koreanOf = (source: string): string[] =>
  (source.match(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g) ?? []).filter((text) => /[가-힣]/.test(text));

describe('the Korean of the page', () => {
  it('has texts and a glossary to be held against each other', () => {
    expect(told.length).toBeGreaterThan(600);
    expect(forbidden.length).toBeGreaterThan(40);
    expect(Object.values(sources).flatMap(koreanOf).length).toBeGreaterThan(700);
    expect(wrongIn('encoder의 q')).toEqual(['encoder']);
    expect(wrongIn('사후분포 붕괴(posterior collapse), 사전 분포')).toEqual(['사전 분포']);
  });

  it('uses no word that the glossary replaces', () => {
    const found = Object.entries(sources).flatMap(([file, source]) =>
      koreanOf(source).flatMap((text) => wrongIn(text).map((word) => `${file}: ${word} in ${text}`)),
    );
    const english = told.flatMap(({ where, ko }) =>
      ko.flatMap((text) => wrongIn(text).map((word) => `${where}: ${word} in ${text}`)),
    );
    expect([...found, ...english]).toEqual([]);
  });

  it('speaks of restoring only where something was damaged', () => {
    const found = Object.entries(sources).flatMap(([file, source]) =>
      file.includes('learn-denoise') ? [] : koreanOf(source).filter((text) => text.includes('복원')),
    );
    expect(found).toEqual([]);
  });

  it('leaves no English sentence or label untranslated', () => {
    const KEPT = /^(ELBO|KL|VAE|GIF|PNG|CSV|JSON|px|log|nat)$/;
    const words = (text: string): string[] =>
      (text.match(/[A-Za-z]{2,}/g) ?? []).filter((word) => !KEPT.test(word));
    const found = told.filter(({ en, ko }) => ko.some((text, i) => text === en[i] && words(text).length));
    expect(found.map(({ where }) => where)).toEqual([]);
  });

  it('has as many parts as the English, and puts the same things in', () => {
    const put = (text: string): string => [...new Set(text.match(/⟦\d⟧/g))].sort().join('');
    const found = told.filter(
      ({ en, ko }) => en.length !== ko.length || en.some((text, i) => put(text) !== put(ko[i]!)),
    );
    expect(found.map(({ where, en, ko }) => `${where}: ${en} / ${ko}`)).toEqual([]);
  });

  it('has every symbol and number of the English', () => {
    const SIGN = /[pq]\([^()]*\)|N\(0,.I\)|E\[[^\]]*\]|\b(?:KL|ELBO|exp|log)\b|[μσεβλ√½∂−]|--\w+|\d+(?:[.,]\d+)*%?/g;
    const signs = (text: string): string[] =>
      (text.replaceAll(/⟦\d⟧/g, '').match(SIGN) ?? []).filter((sign) => !/[a-z]{4}/.test(sign));
    const found = told.flatMap(({ where, en, ko }) =>
      en.flatMap((text, i) => {
        const there = new Set(signs(ko[i] ?? ''));
        return signs(text).filter((sign) => !there.has(sign)).map((sign) => `${where}: ${sign}`);
      }),
    );
    expect([...new Set(found)]).toEqual([]);
  });

  it('keeps a particle at its word', () => {
    const all = dictionary({ text: '', of: (x: string) => x }, { text: 'p(x)를 율(rate)의 3%가 넘으면', of: (x: string) => `${x}는` });
    speech.current = 'ko';
    expect(all.text).toBe('p(x)\u2060를 율\u2060(rate)\u2060의 3%\u2060가 넘으면');
    expect(all.of('q(z|x)')).toBe('q(z|x)\u2060는');
    speech.current = 'en';
    expect(all.of('q(z|x)')).toBe('q(z|x)');
  });

  it('puts the right particle after a symbol', () => {
    const PAIRS: readonly Particle[] = ['은/는', '이/가', '을/를', '과/와', '으로/로'];
    const AFTER = /([A-Za-zα-ω)]+)(은|는|이|가|을|를|과|와|으로|로)(?=[\s.,?!]|$)/g;
    const found = told.flatMap(({ where, ko }) =>
      ko.flatMap((text) =>
        [...text.matchAll(AFTER)].flatMap(({ 0: all, 2: particle, index }) => {
          const before = text.slice(0, index + all.length - particle!.length);
          const pair = PAIRS.find((one) => one.split('/').includes(particle!))!;
          const right = josa(before, pair).slice(before.length);
          return right === particle || right.includes('(') ? [] : [`${where}: ${all}`];
        }),
      ),
    );
    expect([...new Set(found)]).toEqual([]);
  });
});
