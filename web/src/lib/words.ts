/** Words that several places of the page share. */

import { dictionary } from '$lib/language.svelte';

/** Parts of the data by Python's names. */
const parts: Readonly<Record<string, string>> = {
  train: '학습 데이터',
  validation: '검증 데이터',
  test: '테스트 데이터',
  all: '전체 데이터',
};

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
    loading: 'Loading…',
    computing: 'Computing…',
    close: 'Close',
    noExamples: 'The data of this run are not here, so there are no examples to show.',
    split: (name: string) => name,
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
    loading: '불러오는 중…',
    computing: '계산하는 중…',
    close: '닫기',
    noExamples: '이 실행의 데이터를 찾을 수 없어 보여 줄 예시가 없습니다.',
    split: (name: string) => parts[name] ?? name,
  },
);

/** The unit of a bound as Python names it, in the language of the page. */
export const unitSaid = (unit: string): string =>
  unit === 'nats' ? common.nats : unit === 'units of cost' ? common.cost : unit;
