/** Korean particles after a word that is not known before: their form follows the word's last sound. */

/** What a particle is after a consonant, and after a vowel. */
export type Particle = '은/는' | '이/가' | '을/를' | '과/와' | '으로/로';

type Ending = 'vowel' | 'consonant' | 'rieul';

/** How the names of the digits 0 to 9 end: 영 일 이 삼 사 오 육 칠 팔 구. A number in words ends as its last digit. */
const DIGITS: readonly Ending[] = [
  ...(['consonant', 'rieul', 'vowel', 'consonant', 'vowel'] as const),
  ...(['vowel', 'consonant', 'rieul', 'rieul', 'vowel'] as const),
];
/** Letters whose Korean names do not end in a vowel: 엘 엠 엔 알, and 엡실론. */
const LETTERS: Readonly<Record<string, Ending>> = { l: 'rieul', m: 'consonant', n: 'consonant', r: 'rieul', ε: 'consonant' };

/** How a word ends where it is said in Korean; undefined of foreign words, which may be said in any way. */
function endingOf(word: string): Ending | undefined {
  // What stands in brackets after a word is not said with it.
  const said = word.replace(/(?<=[가-힣])\([^()]*\)$/, '').replace(/[^\p{L}\p{N}%]+$/u, '');
  const last = said.at(-1) ?? '';
  if (/[가-힣]/.test(last)) {
    const final = (last.charCodeAt(0) - 0xac00) % 28;
    return final === 0 ? 'vowel' : final === 8 ? 'rieul' : 'consonant';
  }
  if (/\d/.test(last)) return DIGITS[Number(last)];
  if (last === '%') return 'vowel';
  // A letter by itself, or the last of an acronym, is said by its name.
  const isSpelled = /(^|[^\p{L}])\p{L}$/u.test(said) || /(^|[^\p{L}])[A-Z]+$/u.test(said);
  return isSpelled ? (LETTERS[last.toLowerCase()] ?? 'vowel') : undefined;
}

/**
 * Return a word with its particle.
 *
 *     josa('사전분포', '을/를')   // 사전분포를
 *     josa('z3', '을/를')         // z3을
 *     josa('1.2', '으로/로')      // 1.2로
 *     josa('Sneaker', '이/가')    // Sneaker이(가), for nobody knows how it is said
 */
export function josa(word: string, particle: Particle): string {
  const [closed, open] = particle.split('/') as [string, string];
  const ending = endingOf(word);
  if (ending === undefined) return word + (particle === '으로/로' ? '(으)로' : `${closed}(${open})`);
  const isOpen = ending === 'vowel' || (ending === 'rieul' && particle === '으로/로');
  return word + (isOpen ? open : closed);
}
