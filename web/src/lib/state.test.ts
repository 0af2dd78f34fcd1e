import { beforeEach, describe, expect, it, vi } from 'vitest';

const listeners: Record<string, () => void> = {};
beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers();
  const location = { hash: '', href: 'http://127.0.0.1/' };
  vi.stubGlobal('location', location);
  vi.stubGlobal('addEventListener', (name: string, heard: () => void) => (listeners[name] = heard));
  const put = (_: unknown, __: string, url: string): void => void (location.hash = url);
  vi.stubGlobal('history', { pushState: put, replaceState: put });
});

async function fresh(hash = '') {
  location.hash = hash;
  const found = await import('./state.svelte');
  found.state.start('explore/map');
  return found;
}

describe('the state', () => {
  it('reads a link and writes one', async () => {
    const { state, field, codecs } = await fresh('#/explore/paths?x=12&paths.steps=7&z=0.5,-1');
    expect(state.view).toBe('explore/paths');
    expect(field('x', codecs.index, null as number | null).value).toBe(12);
    expect(field('paths.steps', codecs.whole, 11).value).toBe(7);
    expect(field<readonly number[]>('z', codecs.numbers, []).value).toEqual([0.5, -1]);
    expect(state.link()).toBe('http://127.0.0.1/#/explore/paths?paths.steps=7&x=12&z=0.5,-1');
  });

  it('takes the initial value where there is none or nonsense', async () => {
    const { field, codecs } = await fresh('#/explore/map?map.n=two&map.c=red');
    expect(field('map.n', codecs.whole, 3).value).toBe(3);
    expect(field('map.c', codecs.choice('kl', 'label'), 'label').value).toBe('label');
  });

  it('undoes a step, a group of steps and a gesture each at once', async () => {
    const { state, field, codecs } = await fresh();
    const a = field('map.a', codecs.number, 0);
    const b = field('map.b', codecs.number, 0);
    a.value = 1;
    state.step(() => {
      a.value = 2;
      b.value = 2;
    });
    state.begin();
    for (const value of [3, 4, 5]) a.value = value;
    state.end();
    state.undo();
    expect([a.value, b.value]).toEqual([2, 2]);
    state.undo();
    expect([a.value, b.value]).toEqual([1, 0]);
    state.redo();
    expect([a.value, b.value]).toEqual([2, 2]);
    a.value = 9;
    expect(state.canRedo).toBe(false);
  });

  it('keeps what is of one view out of the address of another, and remembers it', async () => {
    const { state, field, codecs } = await fresh();
    const own = field('map.n', codecs.whole, 1);
    const shared = field('x', codecs.index, null as number | null);
    own.value = 5;
    shared.value = 2;
    state.go('explore/latents');
    expect(state.link()).toContain('#/explore/latents?x=2');
    expect(state.link()).not.toContain('map.n');
    state.go('explore/map');
    expect(own.value).toBe(5);
  });

  it('follows the address when it is changed by hand', async () => {
    const { state } = await fresh();
    location.hash = '#/explore/latents?x=4';
    listeners['hashchange']?.();
    expect([state.view, state.entry('x')]).toEqual(['explore/latents', '4']);
    state.undo();
    expect(state.view).toBe('explore/map');
  });

  it('takes what is out of bounds to them, and lets what is not true leave the address', async () => {
    const { state, field, codecs, vectorOf } = await fresh('#/explore/map?map.t=-5&map.only=77&map.n=9999&z=1e300,0&map.colour=red');
    const t = field('map.t', codecs.within(0, 2), 1);
    const only = field('map.only', codecs.below(10), null as number | null);
    const n = field('map.n', codecs.wholeWithin(1, 200), 25);
    const z = field('z', vectorOf(() => 2), [] as readonly number[]);
    expect([t.value, only.value, n.value, z.value]).toEqual([0, null, 200, []]);
    await Promise.resolve();
    expect(state.link()).toBe('http://127.0.0.1/#/explore/map?map.colour=red&map.n=200&map.t=0');
    state.drop('map.colour');
    expect(state.link()).toBe('http://127.0.0.1/#/explore/map?map.n=200&map.t=0');
    expect(state.canUndo).toBe(false);
    // And of a link that is opened later.
    location.hash = '#/explore/map?z=1,2,3&map.t=7';
    listeners['hashchange']?.();
    await Promise.resolve();
    expect(state.link()).toBe('http://127.0.0.1/#/explore/map?map.t=2');
  });
});
