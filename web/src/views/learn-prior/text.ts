import { dictionary } from '$lib/language.svelte';

export const text = dictionary(
  {
    title: 'The prior, and sampling',
    lead: 'A new x takes two steps: draw z from N(0, I), and let the decoder say what lies there.',
    ask2: 'The prior of two latents is N(0, I), densest in the middle. Of 100 draws, how many fall outside the circle of 2σ?',
    answers2: ['About 5', 'About 14', 'About 32'],
    reply2: [
      'Five of a hundred is what one dimension would say. On a plane it is exp(−2), 13.5 of a hundred: far out there is little density, but much room.',
      'It is exp(−2), 13.5 of a hundred, more than the five that one dimension would say: far out there is little density, but much room.',
      'Thirty-two of a hundred lie outside 1σ in one dimension. Outside 2σ on a plane it is exp(−2), 13.5 of a hundred: far out there is much room, but little density.',
    ],
    full: (n: number) => `${n} draws are as many as fit here. Start again for others.`,
    askMany: (n: number) => `The prior of ${n} latents is N(0, I), densest in the middle. How far from the middle do its draws lie?`,
    answersMany: ['Most of them near 0', 'Evenly at all distances', 'Most of them about √L away'],
    replyMany: (n: string) =>
      `The density is largest in the middle, but there is hardly any room. The squares of all latents add up, and the distance is about √L = ${n}.`,
    one: 'One more',
    many: '25 more',
    anew: 'Start again',
    temperature: 'Temperature',
    temperatureSays: (t: string) => `z = ${t} · ε`,
    plane: (n: number) => `${n} draws of the prior on the plane of both latents, each as the picture that it decodes to. Drag, or use the arrows, to move z.`,
    grid: (n: number) => `${n} draws of the prior, decoded`,
    inHand: 'z in hand',
    decoded: 'E[x|z]',
    outside: 'outside 2σ',
    outsideOf: (k: number, n: number) => `${k} of ${n}`,
    far: 'Distance of the draws from the middle',
    sample: (i: number) => `Draw ${i}`,
    why1: 'The model is two lines. First comes z, then comes x:',
    whereFrom: (hasC: boolean): string =>
      hasC
        ? 'There is nothing else. The decoder is a plain function, so all that makes one picture different from another under the same c has to be in z; c is not drawn, it is given.'
        : 'There is nothing else. The decoder is a plain function, so all that makes one picture different from another has to be in z.',
    byCross: 'Drag the cross and the picture follows without a jump.',
    byDraw: 'Each picture here is one draw of z; choose one, and its z is in hand.',
    heat: (hasC: boolean) =>
      `A temperature below 1 keeps z near the middle, where the pictures are most typical and most alike; above 1 it goes where training has hardly been. Both are useful, but only 1 is the model: ${hasC ? 'p(x|c)' : 'p(x)'} is what comes out when z is drawn as the prior says.`,
    manyMore: 'With more latents one cannot look at the plane, but the same holds: the middle, the densest point of all, is a place where no draw ever falls.',
  },
  {
    title: '사전분포와 표본 추출',
    lead: '새로운 x를 만드는 데는 두 단계면 됩니다. N(0, I)에서 z를 뽑고, 그 자리에 무엇이 있는지 디코더에 묻습니다.',
    ask2: '잠재 변수 두 개의 사전분포는 가운데의 밀도가 가장 높은 N(0, I)입니다. 표본 100개 가운데 몇 개가 2σ 원 밖에 떨어질까요?',
    answers2: ['5개쯤', '14개쯤', '32개쯤'],
    reply2: [
      '100개 중 5개는 1차원일 때의 답입니다. 평면에서는 exp(−2), 곧 100개 중 13.5개입니다. 바깥쪽은 밀도가 낮지만 그만큼 넓습니다.',
      'exp(−2), 곧 100개 중 13.5개입니다. 1차원일 때의 5개보다 많습니다. 바깥쪽은 밀도가 낮지만 그만큼 넓습니다.',
      '100개 중 32개는 1차원에서 1σ 밖에 있는 개수입니다. 평면에서 2σ 밖은 exp(−2), 곧 100개 중 13.5개입니다. 바깥쪽은 넓지만 그만큼 밀도가 낮습니다.',
    ],
    full: (n: number) => `여기에는 표본을 ${n}개까지 놓을 수 있습니다. 다른 표본을 보려면 새로 시작하세요.`,
    askMany: (n: number) => `잠재 변수 ${n}개의 사전분포는 가운데의 밀도가 가장 높은 N(0, I)입니다. 표본은 가운데에서 얼마나 떨어져 있을까요?`,
    answersMany: ['대부분 0 근처', '모든 거리에 고르게', '대부분 √L쯤 떨어진 곳'],
    replyMany: (n: string) =>
      `밀도는 가운데에서 가장 높지만, 그 자리에는 부피가 거의 없습니다. 모든 잠재 변수의 제곱이 더해지므로 거리는 √L = ${n} 정도가 됩니다.`,
    one: '하나 더',
    many: '25개 더',
    anew: '새로 시작',
    temperature: '온도',
    temperatureSays: (t: string) => `z = ${t} · ε`,
    plane: (n: number) => `두 잠재 변수의 평면에 사전분포의 표본 ${n}개를 놓고, 각각을 디코딩한 그림으로 그렸습니다. 끌거나 화살표 키를 눌러 z를 옮깁니다.`,
    grid: (n: number) => `사전분포의 표본 ${n}개를 디코딩한 결과`,
    inHand: '지금의 z',
    decoded: 'E[x|z]',
    outside: '2σ 밖',
    outsideOf: (k: number, n: number) => `${n}개 중 ${k}개`,
    far: '표본과 가운데 사이의 거리',
    sample: (i: number) => `표본 ${i}`,
    why1: '모델은 두 줄이 전부입니다. 먼저 z가 나오고, 그다음에 x가 나옵니다.',
    whereFrom: (hasC: boolean): string =>
      hasC
        ? '다른 것은 없습니다. 디코더는 결정론적 함수이므로 c가 같을 때 그림이 서로 다른 까닭은 모두 z에 있어야 합니다. c는 뽑지 않고 주어지는 값입니다.'
        : '다른 것은 없습니다. 디코더는 결정론적 함수이므로 그림이 서로 다른 까닭은 모두 z에 있어야 합니다.',
    byCross: '십자를 끌어 보면 그림이 끊김 없이 따라옵니다.',
    byDraw: '여기 있는 그림 하나하나가 z를 한 번 뽑은 것입니다. 하나를 고르면 그 z가 지금의 z가 됩니다.',
    heat: (hasC: boolean) =>
      `온도를 1보다 낮추면 z가 가운데 가까이에 머물러 가장 전형적이고 서로 비슷한 그림이 나오고, 1보다 높이면 학습할 때 거의 가 보지 않은 곳까지 갑니다. 둘 다 쓸모가 있지만 모델 자체는 온도 1뿐입니다. ${hasC ? 'p(x|c)' : 'p(x)'}는 사전분포가 말하는 대로 z를 뽑았을 때 나오는 것이기 때문입니다.`,
    manyMore: '잠재 변수가 더 많으면 평면으로 볼 수는 없지만 사정은 같습니다. 밀도가 가장 높은 한가운데에는 정작 표본이 하나도 떨어지지 않습니다.',
  },
);
