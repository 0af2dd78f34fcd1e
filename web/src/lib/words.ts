/** Words that several places of the page share. */

import { dictionary } from '$lib/language.svelte';

export const common = dictionary(
  {
    python: 'Copy as Python',
    copied: 'Copied',
    nats: 'nats',
    example: (place: number) => `Example ${place}`,
    label: 'Label',
    elbo: 'ELBO',
    reconstruction: 'Reconstruction',
    kl: 'KL',
    cost: 'units of cost',
    oneDraw: 'one draw of z',
    cells: 'cells that are there',
    loading: 'Loading…',
    computing: 'Computing…',
    close: 'Close',
    noExamples: 'The data of this run are not here, so there are no examples to show.',
  },
  {
    python: 'Python 코드 복사',
    copied: '복사됨',
    nats: 'nat',
    example: (place: number) => `예시 ${place}`,
    label: '라벨',
    elbo: 'ELBO',
    reconstruction: '재구성',
    kl: 'KL',
    cost: '비용 단위',
    oneDraw: 'z를 한 번 뽑은 값',
    cells: '있는 값의 수',
    loading: '불러오는 중…',
    computing: '계산하는 중…',
    close: '닫기',
    noExamples: '이 실행의 데이터를 찾을 수 없어 보여 줄 예시가 없습니다.',
  },
);

const splits = dictionary(
  { train: 'train', validation: 'validation', test: 'test' },
  { train: '학습', validation: '검증', test: '테스트' },
);

/** A split of the data, in the language of the page. */
export const splitSaid = (split: string): string => (split in splits ? splits[split as keyof typeof splits] : split);

/** The unit of a bound as Python names it, in the language of the page. */
export const unitSaid = (unit: string): string =>
  unit === 'nats' ? common.nats : unit === 'units of cost' ? common.cost : unit;
