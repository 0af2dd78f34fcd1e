import { expect, it } from 'vitest';
import { nextOf, sectionOf, views } from './views';

it('have each a name of its own, by which its entries of the address are known', () => {
  const names = views.map(({ id }) => id.split('/').at(-1));
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

it('lead each from a lesson to the next that there is, and the last to Explore', () => {
  const lessons = views.filter((view) => sectionOf(view) === 'learn');
  lessons.slice(0, -1).forEach((view, i) => expect(nextOf(views, view)).toBe(lessons[i + 1]));
  expect(nextOf(views, lessons.at(-1)!)?.id).toBe('explore/map');
  const [first, skipped, third] = lessons;
  expect(nextOf(views.filter((view) => view !== skipped), first!)).toBe(third);
  expect(nextOf(views, views.find(({ id }) => id === 'explore/map')!)).toBeUndefined();
});
