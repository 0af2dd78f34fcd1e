// Rate and distortion: bars and point are those of the epoch in metrics.jsonl, beta takes from each the same.

const view = (page) => page.evaluate(() => {
  const { row, beta, bars, value, at, active, left, model } = window.__latentia.views['learn/collapse'];
  return { row, beta, bars: [...bars], value, at, active, left, model };
});

export default async function ({ open, check, six }) {
  const rows = await (await fetch(`${six}/page-data/metrics`)).json();
  const validated = rows.filter(({ split }) => split === 'validation');
  const page = await open('#/learn/collapse', { url: six });
  await page.waitForFunction(() => window.__latentia.views['learn/collapse']?.row);
  const last = await view(page);
  check.close(last.bars, validated.at(-1).kl_per_dim, 'KL of each latent');
  check.close([last.value], [validated.at(-1).elbo], 'the objective with beta = 1');

  // What is read adds up.
  const adds = async (when) => {
    const said = (await page.textContent('.equation')).replaceAll('−', '-').match(/= (-?[\d.]+) - (-?[\d.]+) =\s+(-?[\d.]+)/);
    const [minus, cost, whole] = (said ?? []).slice(1).map(Number);
    check.ok(said && Math.abs(minus - cost - whole) < 1e-6, `${when} the objective reads ${said?.[0]}`);
    const bound = (await page.textContent('[data-testid=epoch-bound]')).replaceAll('−', '-').match(/-?\d+\.\d+/g).map(Number);
    check.close([bound[1] + bound[2]], [bound[0]], `${when} the bound reads ${bound}`, 1e-6);
    // A number reads the same wherever it stands, and is what was recorded.
    check.equal(minus, bound[1], `${when} the reconstruction in the objective and in the bound`);
    const { row, value } = await view(page);
    const away = [minus - row.reconstruction, whole - value].map(Math.abs);
    check.ok(Math.max(...away) < 0.02, `${when} ${minus} and ${whole} are said of ${row.reconstruction} and ${value}`);
  };
  await adds('with beta = 1');

  const slide = (name, value) => page.evaluate(([name, value]) => {
    const slider = document.querySelector(`[data-testid=${name}]`);
    slider.value = value;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    slider.dispatchEvent(new Event('change', { bubbles: true }));
  }, [name, value]);
  await slide('epoch', '0');
  await page.waitForFunction(() => window.__latentia.views['learn/collapse'].row.epoch === 1);
  const first = await view(page);
  check.close(first.bars, validated[0].kl_per_dim, 'KL of each latent in the first epoch');

  await slide('beta', String(Math.log10(4)));
  await page.waitForFunction(() => window.__latentia.views['learn/collapse'].at);
  const four = await view(page);
  const { beta } = four;
  check.ok(Math.abs(beta - 4) < 0.1, `beta is ${beta}`);
  const [{ reconstruction, kl, kl_per_dim }] = validated;
  check.close([four.value], [reconstruction - beta * kl], 'the objective with this beta');
  const left = kl_per_dim.map((one) => (one < 0.01 ? 0 : Math.max(0, one - Math.log(beta) / 2)));
  check.close(four.bars, left, 'KL with this beta');
  // What was measured stays, and what would be is told among the predictions.
  check.equal(four.active, validated[0].active_units, 'active latents as measured');
  check.equal(four.left, left.filter((one) => one >= 0.01).length, 'active latents as predicted');
  check.ok((await page.textContent('[data-testid=theory]')).includes(`${four.left} of 6`), 'the prediction is not among the predictions');
  check.equal(await page.textContent('[data-testid=active]'), `${four.active} of 6`, 'active latents as said');
  check.ok(four.at.rate < four.model.rate && four.at.distortion > four.model.distortion, 'beta does not move the model');
  await adds('with beta = 4');
  await page.click('button[aria-label=Undo]');
  check.close((await view(page)).bars, first.bars, 'KL after undo');

  for (const other of [0.3, 2.5, 37, 1000]) {
    await slide('beta', String(Math.log10(other)));
    await page.waitForFunction((other) => Math.abs(window.__latentia.views['learn/collapse'].beta / other - 1) < 0.05, other);
    await adds(`with beta = ${other}`);
  }

  // Which are active, and which have collapsed, is counted in two ways, and both are said.
  await page.click('[data-testid=answer-0]');
  const why = await page.textContent('[data-testid=why]');
  const idle = last.bars.filter((nats) => nats < 0.01).length;
  check.ok(why.includes(idle ? `${idle} of 6 latents of this run have less than 0.01 nats` : 'No latent of this run has collapsed'), `what has collapsed: ${why}`);
  check.ok(why.includes('counted otherwise'), 'two counts of which nothing is said');
  // What would go next goes at a beta above the run's own.
  const next = Number(/would be the next to go, at β = (\d+(?:\.\d+)?)/.exec(why)?.[1]);
  check.ok(next > 1, `the next would go at beta ${next}`);
}
