import { dictionary } from '$lib/language.svelte';

export const text = dictionary(
  {
    title: 'Latents',
    lead: 'One slider for each latent, the one that says most about x first. The decoder answers as you move.',
    toExample: 'Back to the example',
    toOrigin: 'To the origin',
    random: 'Draw from the prior',
    noPrior: 'This model has no prior to draw from.',
    kl: (amount: string) => `${amount} nats`,
    variance: (amount: string) => `variance ${amount}`,
    slider: (latent: number, amount: string) => `Latent ${latent}, ${amount}`,
    value: (latent: number, value: string, amount: string) =>
      `latent ${latent}, ${value}, ${amount}`,
    idle: (n: number) => (n === 1 ? '1 latent says nothing about x' : `${n} latents say nothing about x`),
    idleWhy: 'Their KL is below 0.01 nats: q(z|x) is the prior whatever x is, and the decoder does not listen.',
    directions: 'Directions of your own',
    drew: 'A new point, drawn from the prior',
  },
  {
    title: '잠재 변수',
    lead: '잠재 변수마다 슬라이더가 하나씩 있고, x에 대해 가장 많이 말해 주는 것이 맨 위입니다. 움직이는 대로 디코더가 답합니다.',
    toExample: '예시로 돌아가기',
    toOrigin: '원점으로',
    random: '사전분포에서 뽑기',
    noPrior: '이 모델에는 표본을 뽑을 사전분포가 없습니다.',
    kl: (amount: string) => `${amount} nat`,
    variance: (amount: string) => `분산 ${amount}`,
    slider: (latent: number, amount: string) => `잠재 변수 ${latent}, ${amount}`,
    value: (latent: number, value: string, amount: string) =>
      `잠재 변수 ${latent}, ${value}, ${amount}`,
    idle: (n: number) => `x에 대해 아무것도 말하지 않는 잠재 변수 ${n}개`,
    idleWhy: 'KL이 0.01 nat보다 작습니다. x가 무엇이든 q(z|x)가 사전분포와 같고, 디코더는 이 값을 쓰지 않습니다.',
    directions: '직접 만든 방향',
    drew: '사전분포에서 새 점을 뽑았습니다',
  },
);
