/** What is said of cells where x is a row of a table, and not of pixels. */

import { dictionary } from '$lib/language.svelte';

export const cells = dictionary(
  {
    question: 'You leave out every cell of x. What is p(z|x) then?',
    drawsLead: 'All of them agree with the cells that are left, as roughly as this decoder can; where cells are left out they may differ more.',
    why1: 'Bayes’ rule says what is to be known of z: the prior, times how well each z explains x, over p(x), the sum of all of it. A whole row leaves one small spot. Leave out the cells that tell, and what is left can be explained from further apart: ambiguity is spread, or several peaks.',
    why2: 'Cells that are left out, or were missing from the start, are simply left out of the product over columns; nothing has to be filled in. With none left p(x) = 1, so log p(x) = 0, and p(z|x) = p(z).',
    why3: 'The encoder takes a missing cell for the average of its column, and answers as narrow as ever or narrower, for an x that nobody has. And even for a whole x its ellipse is a guess by one network for all x, upright where the posterior leans. How far off, in nats, is the next lesson.',
  },
  {
    question: 'x의 값을 모두 빼면 p(z|x)는 어떻게 될까요?',
    drawsLead: '남은 값과는 모두, 이 디코더가 맞히는 만큼만 대략 들어맞습니다. 뺀 값에서는 서로 더 다를 수 있습니다.',
    why1: 'z에 대해 알 수 있는 것은 베이즈 정리가 말해 줍니다. 사전분포에 각 z가 x를 얼마나 잘 설명하는지를 곱하고, 그것을 모두 더한 p(x)로 나눕니다. 빠진 값이 없는 행이라면 작은 점 하나만 남습니다. 많은 것을 말해 주는 값을 빼면 더 멀리 떨어진 z도 남은 값을 설명할 수 있습니다. 모호함은 넓은 퍼짐이나 여러 봉우리로 나타납니다.',
    why2: '뺀 값과 처음부터 결측인 값은 열에 대한 곱에서 빼기만 하면 됩니다. 무엇으로도 채울 필요가 없습니다. 하나도 남지 않으면 p(x) = 1이므로 log p(x) = 0이고, p(z|x) = p(z)입니다.',
    why3: '인코더는 결측값을 그 열의 평균으로 여기고, 있지도 않은 x에 대해 여느 때처럼 좁거나 더 좁은 답을 내놓습니다. x가 온전할 때도 그 타원은 신경망 하나가 모든 x에 대해 내놓는 짐작이어서, 사후분포가 기울어 있어도 똑바로 서 있습니다. 몇 nat이나 어긋나는지는 다음 단원에서 봅니다.',
  },
);
