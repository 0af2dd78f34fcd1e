/** What is said where something cannot be had. */

import { dictionary } from '$lib/language.svelte';

export const trouble = dictionary(
  {
    lost: 'The program behind this page does not answer.',
    again: (command: string) => `Start it again: ${command}`,
    anew: 'Start it again as it was started.',
    without: (what: string) => `This file was made without ${what}.`,
    noModel: (why: string) => `This browser cannot start the model: ${why}.`,
    noWorker: 'its worker does not run',
    newer: 'Use a browser of the last two years.',
  },
  {
    lost: '이 페이지를 제공하는 프로그램이 응답하지 않습니다.',
    again: (command: string) => `다시 실행하세요: ${command}`,
    anew: '처음 시작한 방법으로 다시 실행하세요.',
    without: (what: string) => `이 파일은 ${what} 없이 만들어졌습니다.`,
    noModel: (why: string) => `이 브라우저에서는 모델을 시작할 수 없습니다: ${why}.`,
    noWorker: '워커가 실행되지 않음',
    newer: '최근 2년 안에 나온 브라우저를 사용하세요.',
  },
);
