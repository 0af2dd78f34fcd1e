import { beforeEach, describe, expect, it, vi } from 'vitest';

const listeners: Record<string, (event?: unknown) => void> = {};
beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers();
  const location = { hash: '', href: 'http://127.0.0.1/' };
  vi.stubGlobal('location', location);
  vi.stubGlobal('addEventListener', (name: string, heard: () => void) => (listeners[name] = heard));
  const history = { state: null as unknown, pushState: put, replaceState: put };
  function put(state: unknown, _: string, url: string): void {
    history.state = state;
    location.hash = url;
  }
  vi.stubGlobal('history', history);
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
    Object.assign(location, { protocol: 'file:', href: 'file:///home/me/two.html#/explore/map' });
    expect(state.link()).toBe('two.html#/explore/paths?paths.steps=7&x=12&z=0.5,-1');
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

  const press = (key: string, repeat = false): void => listeners['keydown']?.({ type: 'keydown', key, repeat });

  it('takes a key that is held as one step, of which no more is kept than of a drag', async () => {
    const { state, field, codecs } = await fresh();
    const a = field('map.a', codecs.number, 0);
    const b = field('map.b', codecs.number, 0);
    a.value = -1;
    for (let i = 0; i < 300; i++) {
      press('ArrowRight');
      state.begin();
      a.value = i;
      state.end();
      vi.advanceTimersByTime(30);
    }
    press('ArrowRight');
    b.value = 1;
    vi.advanceTimersByTime(1500);
    press('ArrowRight');
    b.value = 2;
    state.undo();
    expect(b.value).toBe(1);
    state.undo();
    expect([a.value, b.value]).toEqual([299, 0]);
    state.undo();
    expect(a.value).toBe(-1);
    state.undo();
    expect([a.value, state.canUndo]).toEqual([0, false]);
  });

  it('takes keys that were let go between as steps, and one that is held as one', async () => {
    const { state, field, codecs } = await fresh();
    const a = field('map.a', codecs.number, 3);
    for (const value of [2, 1]) {
      press('[');
      a.value = value;
      vi.advanceTimersByTime(700);
    }
    state.undo();
    expect(a.value).toBe(2);
    state.undo();
    expect([a.value, state.canUndo]).toEqual([3, false]);
    for (const value of [2, 1, 0]) {
      press('[', value < 2);
      a.value = value;
      vi.advanceTimersByTime(700);
    }
    state.undo();
    expect([a.value, state.canUndo]).toEqual([3, false]);
  });

  it('takes clicks, and keys on another control between, as steps of their own', async () => {
    const { state, field, codecs } = await fresh();
    const a = field('map.a', codecs.number, 0);
    for (const [key, value] of [['ArrowUp', 1], ['Tab', 1], ['ArrowUp', 2], ['Enter', 3], ['Enter', 4]] as const) {
      press(key);
      a.value = value;
    }
    const seen = [1, 2, 3, 4].map(() => (state.undo(), a.value));
    expect(seen).toEqual([3, 2, 1, 0]);
  });

  it('lets an entry follow another: no step, and nothing of what was undone is lost', async () => {
    const { state, field, codecs } = await fresh();
    const a = field('map.a', codecs.number, 0);
    const b = field('map.b', codecs.number, 0);
    a.value = 1;
    b.amend(5);
    a.value = 2;
    state.undo();
    expect([a.value, b.value]).toEqual([1, 5]);
    state.undo();
    expect([a.value, b.value, state.canUndo]).toEqual([0, 0, false]);
    b.amend(7);
    expect([b.value, state.canUndo, state.canRedo]).toEqual([7, false, true]);
    state.redo();
    expect([a.value, b.value]).toEqual([1, 5]);
    b.amend(0);
    expect(state.link()).toBe('http://127.0.0.1/#/explore/map?map.a=1');
  });

  it('has in the address what was done while something moves by itself', async () => {
    const { state, field, codecs } = await fresh();
    const at = field('map.at', codecs.number, 0);
    const n = field('map.n', codecs.whole, 1);
    n.value = 5;
    for (let i = 1; i < 100; i++) {
      at.amend(i);
      vi.advanceTimersByTime(16);
    }
    expect(location.hash).toContain('map.n=5');
    const { turns } = state;
    state.undo();
    expect([n.value, at.value, state.canUndo, state.turns]).toEqual([1, 0, false, turns + 1]);
  });

  it('takes back what an entry has last got, whatever was done since', async () => {
    const { state, field, codecs } = await fresh();
    const list = field<readonly number[]>('map.list', codecs.numbers, []);
    const shift = field('map.shift', codecs.number, 0);
    list.value = [1];
    list.value = [1, 2];
    list.takeBack([1]);
    expect(list.value).toEqual([1]);
    state.redo();
    expect(list.value).toEqual([1, 2]);
    shift.value = 3;
    list.takeBack([1]);
    const seen = [() => state.undo(), () => state.undo(), () => state.redo()].map((go) => (go(), [list.value, shift.value]));
    expect(seen).toEqual([[[1], 0], [[], 0], [[1], 0]]);
    state.redo();
    state.redo();
    expect([list.value, shift.value, state.canRedo]).toEqual([[1, 2], 3, false]);
  });

  it('goes the way of the browser back and forth without taking it for an edit', async () => {
    const { state, field, codecs } = await fresh();
    const n = field('map.n', codecs.whole, 1);
    n.value = 5;
    state.go('explore/latents');
    const m = field('latents.m', codecs.whole, 1);
    m.value = 7;
    vi.runAllTimers();
    location.hash = '#/explore/map?map.n=5';
    listeners['hashchange']?.();
    expect([state.view, n.value, m.value]).toEqual(['explore/map', 5, 7]);
    location.hash = '#/explore/latents?latents.m=7';
    listeners['hashchange']?.();
    // Nothing of this is on the way: the steps are those that were made.
    state.undo();
    expect([state.view, m.value]).toEqual(['explore/latents', 1]);
    state.undo();
    expect([state.view, n.value]).toEqual(['explore/map', 5]);
    state.undo();
    expect([n.value, state.canUndo]).toEqual([1, false]);
  });

  it('takes what is out of bounds to them, and lets what is not true leave the address', async () => {
    const { state, field, codecs, vectorOf } = await fresh('#/explore/map?map.t=-5&map.only=77&map.n=9999&z=1e300,0&map.colour=red&map.three=1,2,10&map.two=9,9');
    const t = field('map.t', codecs.within(0, 2), 1);
    const only = field('map.only', codecs.below(10), null as number | null);
    const n = field('map.n', codecs.wholeWithin(1, 200), 25);
    const z = field('z', vectorOf(() => 2), [] as readonly number[]);
    const three = field('map.three', codecs.indices(3, 10), [] as readonly number[]);
    const two = field('map.two', codecs.indices(2, 10), [] as readonly number[]);
    expect([t.value, only.value, n.value, z.value, three.value, two.value]).toEqual([0, null, 200, [], [], [9, 9]]);
    await Promise.resolve();
    expect(state.link()).toBe('http://127.0.0.1/#/explore/map?map.colour=red&map.n=200&map.t=0&map.two=9,9');
    state.drop('map.colour');
    expect(state.link()).toBe('http://127.0.0.1/#/explore/map?map.n=200&map.t=0&map.two=9,9');
    expect(state.canUndo).toBe(false);
    // And of a link that is opened later.
    location.hash = '#/explore/map?z=1,2,3&map.t=7';
    listeners['hashchange']?.();
    await Promise.resolve();
    expect(state.link()).toBe('http://127.0.0.1/#/explore/map?map.t=2');
  });
});
