import { dictionary } from '$lib/language.svelte';

export const text = dictionary(
  {
    title: 'The manifold',
    lead: 'The decoder’s world at a glance: a grid of points z on a plane of two latents, each drawn as what it decodes to. Zoom in and it is decoded again, finer.',
    question: 'You walk on this grid from one kind of image to another. What does the decoder draw on the way?',
    answers: [
      'Noise: no example lies exactly there',
      'The one, and then at once the other',
      'Images that change little by little',
    ],
    reply: 'Zoom into a border and look: however fine the grid, neighbours resemble each other.',
    spacing: 'Spacing',
    quantile: 'Equal probability',
    even: 'Even in z',
    across: 'Across',
    up: 'Up',
    overlay: 'Examples',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    whole: 'Show all',
    grid: (n: number) =>
      `Grid of ${n} by ${n} decoded images. Arrows move over the images, Enter takes the z of one, plus and minus zoom.`,
    cell: (a: string, b: string) => `z = (${a}, ${b})`,
    taken: (a: string, b: string) => `z is now (${a}, ${b})`,
    window: 'Shares of this window',
    prior: 'of the prior p(z)',
    aggregate: 'of all q(z|x)',
    aggregateWhy: 'One draw of q(z|x) for each example: draws of the aggregate posterior, which would lie evenly if it were p(z).',
    others: 'The other latents are those of the example that is looked at, or 0.',
    hint: 'Drag to move, scroll or pinch to zoom, click an image to take its z.',
    why1: 'The decoder is a continuous function, but that alone would allow steep borders. In training z is never the mean alone: z = μ + σ · ε, with new ε each time. So not a point but a whole neighbourhood of μ has to decode to x, and where the neighbourhoods of two examples overlap, the decoder must serve both. What it draws there is between them.',
    why2: 'The prior keeps the map together. KL(q(z|x) ‖ p(z)) makes it costly to lie far out, so the examples crowd where N(0, I) is, and there is little room for gaps. The grid is laid by the prior’s quantiles:',
    why3: (share: string) =>
      `Each image then stands for the same probability of p(z), ${share} each, and what you see is what one gets by sampling the prior. Only nearly, though.`,
    why3Slice: (share: string, others: number) =>
      `Each image then stands for the same probability of these two latents, ${share} each. But of the other latents, ${others}, it shows one place only, which no draw of the prior has: this is a slice of what one gets by sampling, and not the whole.`,
    why4: 'Show the examples: where they are thin, the prior draws and nobody has trained; where they crowd, more examples share a place than the prior gives it. The mean of all q(z|x) is never quite p(z).',
    neighbours: (share: string, most: string) =>
      `And is the map one of classes? The ten nearest neighbours of an example on these latents name its class in ${share}% of the cases; always saying the most frequent class gives ${most}%.`,
  },
  {
    title: '다양체',
    lead: '디코더가 그리는 세계를 한눈에 봅니다. 두 잠재 변수의 평면에 놓은 격자의 점 z마다 그것을 디코딩한 이미지를 놓았습니다. 확대하면 더 촘촘하게 다시 디코딩합니다.',
    question: '이 격자 위에서 한 종류의 이미지로부터 다른 종류로 걸어갑니다. 그 사이에서 디코더는 무엇을 그릴까요?',
    answers: ['노이즈. 정확히 그 자리에 놓인 예시는 없습니다', '한쪽, 그러다가 갑자기 다른 쪽', '조금씩 달라지는 이미지'],
    reply: '경계를 확대해 보세요. 격자가 아무리 촘촘해도 이웃끼리는 서로 닮았습니다.',
    spacing: '간격',
    quantile: '같은 확률',
    even: '같은 z 간격',
    across: '가로',
    up: '세로',
    overlay: '예시',
    zoomIn: '확대',
    zoomOut: '축소',
    whole: '모두 보기',
    grid: (n: number) =>
      `디코딩한 이미지 ${n}×${n} 격자. 화살표 키로 이미지를 옮겨 다니고, Enter 키로 그 z를 고르고, + 키와 − 키로 확대·축소합니다.`,
    cell: (a: string, b: string) => `z = (${a}, ${b})`,
    taken: (a: string, b: string) => `이제 z = (${a}, ${b})입니다`,
    window: '지금 보이는 영역의 비율',
    prior: '사전분포 p(z)에서',
    aggregate: '모든 q(z|x)에서',
    aggregateWhy: '예시마다 q(z|x)에서 하나씩 뽑은 점, 곧 집계 사후분포(aggregate posterior)의 표본입니다. 이것이 p(z)와 같다면 점이 고르게 놓여야 합니다.',
    others: '나머지 잠재 변수는 지금 보고 있는 예시의 값이고, 예시가 없으면 0입니다.',
    hint: '끌어서 옮기고, 스크롤하거나 두 손가락으로 확대하고, 이미지를 눌러 그 z를 고릅니다.',
    why1: '디코더는 연속 함수이지만, 그것만으로는 가파른 경계가 생길 수도 있습니다. 그런데 학습할 때 z는 결코 평균 하나가 아닙니다. z = μ + σ · ε이고 ε을 매번 새로 뽑습니다. 그래서 점 하나가 아니라 μ의 둘레 전체가 x로 디코딩되어야 하고, 두 예시의 둘레가 겹치는 곳에서는 디코더가 둘 다 맞춰야 합니다. 그곳에 그려지는 것이 둘 사이의 이미지입니다.',
    why2: '지도를 한데 모으는 것은 사전분포입니다. 멀리 놓일수록 KL(q(z|x) ‖ p(z))가 커지므로 예시들은 N(0, I)가 있는 곳에 모이고, 빈틈이 생길 여지가 줄어듭니다. 격자는 사전분포의 분위수로 나누었습니다.',
    why3: (share: string) =>
      `그래서 이미지 하나하나가 p(z)에서 같은 확률, 곧 ${share}씩을 차지하고, 눈에 보이는 격자가 곧 사전분포에서 뽑을 때 얻는 것입니다. 다만 거의 그렇다는 뜻입니다.`,
    why3Slice: (share: string, others: number) =>
      `그래서 이미지 하나하나가 이 두 잠재 변수의 p(z)에서 같은 확률, 곧 ${share}씩을 차지합니다. 다만 나머지 잠재 변수 ${others}개는 한 값에 멈춰 있고, 사전분포의 표본이 바로 그 값을 갖는 일은 없습니다. 그러니 이것은 사전분포에서 뽑을 때 얻는 것의 한 단면일 뿐 전체가 아닙니다.`,
    why4: '예시를 켜 보세요. 점이 성긴 곳은 사전분포에서는 뽑히지만 학습한 적은 없는 곳이고, 빽빽한 곳은 사전분포가 준 자리보다 많은 예시가 나누어 쓰는 곳입니다. 모든 q(z|x)의 평균은 p(z)와 결코 완전히 같아지지 않습니다.',
    neighbours: (share: string, most: string) =>
      `이 지도는 클래스의 지도이기도 할까요? 이 두 잠재 변수에서 가장 가까운 이웃 열 개로 맞히면 예시의 ${share}%에서 클래스가 맞고, 언제나 가장 흔한 클래스를 답하면 ${most}%가 맞습니다.`,
  },
);
