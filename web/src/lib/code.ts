/** The code of views, each had when it is first looked at. */

/** What could not be loaded when it was last asked for. */
const failed = new Set<() => Promise<unknown>>();
/** Whether styles could not be had, which vite does not send for again. */
let lacksStyles = false;
document.addEventListener(
  'error',
  ({ target }) => (lacksStyles ||= target instanceof HTMLLinkElement && target.rel === 'stylesheet'),
  { capture: true },
);

/**
 * Load code. Many browsers hold on to a module that failed for as long as the page is open: where
 * it fails again the page begins anew, as its address says, if that can be had.
 */
export async function code<T>(load: () => Promise<T>): Promise<T> {
  const isAgain = failed.delete(load) || lacksStyles;
  try {
    if (lacksStyles) throw new Error('styles are not here');
    return await load();
  } catch (error) {
    failed.add(load);
    if (isAgain && (await answers())) location.reload();
    throw error;
  }
}

const answers = (): Promise<boolean> =>
  fetch(location.pathname, { cache: 'no-store' }).then(({ ok }) => ok, () => false);
