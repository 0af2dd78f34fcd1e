/** Words that several places of the page share. */

import { dictionary } from '$lib/language.svelte';

export const common = dictionary(
  {
    python: 'Copy as Python',
    copied: 'Copied',
    reset: 'Reset',
    nats: 'nats',
    example: (place: number) => `Example ${place}`,
    latent: (number: number) => `z${number}`,
    none: 'None',
    label: 'Label',
    elbo: 'ELBO',
    reconstruction: 'Reconstruction',
    kl: 'KL',
    oneDraw: 'one draw of z',
    loading: 'Loading…',
    computing: 'Computing…',
    close: 'Close',
    noExamples: 'The data of this run are not here, so there are no examples to show.',
  },
  {
    python: 'Python 코드 복사',
    copied: '복사됨',
    reset: '초기화',
    nats: 'nats',
    example: (place: number) => `예시 ${place}`,
    latent: (number: number) => `z${number}`,
    none: '없음',
    label: '라벨',
    elbo: 'ELBO',
    reconstruction: '복원',
    kl: 'KL',
    oneDraw: 'z를 한 번 뽑은 값',
    loading: '불러오는 중…',
    computing: '계산하는 중…',
    close: '닫기',
    noExamples: '이 실행의 데이터를 찾을 수 없어 보여 줄 예시가 없습니다.',
  },
);
