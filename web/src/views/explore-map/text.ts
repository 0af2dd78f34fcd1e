import { dictionary } from '$lib/language.svelte';

export const text = dictionary(
  {
    title: 'Map',
    lead: 'Every example where the encoder puts it. Rest on a place to see what it decodes to; click a point to look into it.',
    colour: 'Colour',
    plane: 'Plane',
    components: 'Principal components',
    latents: (a: number, b: number) => `z${a} and z${b}`,
    one: 'One colour',
    fit: 'Show all',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    decodedHere: 'decoded here',
    nearest: (place: number, label: string) => (label ? `${label} · ${place}` : `example ${place}`),
    map: (n: number) =>
      `Map of ${n} examples. Arrows move to the nearest point, Enter looks into it, plus and minus zoom.`,
    at: (place: number, label: string, x: string, y: string) =>
      `Example ${place}${label ? `, ${label}` : ''}, at ${x}, ${y}`,
    looked: (place: number) => `Example ${place} is in the inspector`,
    least: 'least',
    most: 'most',
    hideClass: (name: string) => `Show only ${name}`,
    waiting: 'Encoding the examples…',
  },
  {
    title: '지도',
    lead: '모든 예시를 인코더가 놓은 자리에 보여 줍니다. 한 곳에 머무르면 그 자리의 디코딩이 보이고, 점을 누르면 자세히 볼 수 있습니다.',
    colour: '색',
    plane: '평면',
    components: '주성분',
    latents: (a: number, b: number) => `z${a}, z${b}`,
    one: '한 가지 색',
    fit: '모두 보기',
    zoomIn: '확대',
    zoomOut: '축소',
    decodedHere: '이 자리의 디코딩',
    nearest: (place: number, label: string) => (label ? `${label} · ${place}` : `예시 ${place}`),
    map: (n: number) =>
      `예시 ${n}개의 지도. 화살표로 가까운 점으로 옮기고, Enter로 자세히 보고, 더하기와 빼기로 확대·축소합니다.`,
    at: (place: number, label: string, x: string, y: string) =>
      `예시 ${place}${label ? `, ${label}` : ''}, 위치 ${x}, ${y}`,
    looked: (place: number) => `예시 ${place}을(를) 살펴보기에 놓았습니다`,
    least: '최소',
    most: '최대',
    hideClass: (name: string) => `${name}만 보기`,
    waiting: '예시를 인코딩하는 중…',
  },
);
