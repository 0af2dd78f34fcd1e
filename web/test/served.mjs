// Two small runs, trained and served: a map of two latents, and one of six.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const own = join(root, '.venv/bin/python');
export const python = process.env.PYTHON ?? (existsSync(own) ? own : 'python3');

/** Run the command line, and return what it said. */
export function latentia(...words) {
  const said = spawnSync(python, ['-m', 'latentia', ...words], { cwd: root, encoding: 'utf8' });
  if (said.status !== 0) throw new Error(`latentia ${words.join(' ')}\n${said.stderr}`);
  return said.stdout;
}

function trained(folder, name, latents, ...more) {
  const path = join(folder, name);
  latentia(
    ...['train', 'mnist5k', '--out', path, '--latent-dim', String(latents), '--epochs', '2'],
    ...['--network.hidden', '128', '--compile', 'no', '--quiet', ...more],
  );
  return path;
}

/** Serve a run; resolves to its address and its process. */
export function serving(path, ...more) {
  const words = ['explore', path, '--port', '0', '--no-browser', '--json', ...more];
  const child = spawn(python, ['-m', 'latentia', ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, wrong] = ['', ''];
  child.stderr.on('data', (text) => (wrong += text));
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`latentia explore ended with ${code}: ${wrong}`)));
    child.stdout.on('data', (text) => {
      said += text;
      if (said.includes('}')) resolve({ url: JSON.parse(said).url, child });
    });
  });
}

/** Begin to train a run that is watched, and whose page stays; resolves to its page and its process. */
export function watching(path, ...more) {
  const words = ['train', 'mnist5k', '--out', path, '--compile', 'no', ...more];
  const child = spawn(
    python,
    ['-m', 'latentia', ...words, '--watch', '--stay', '--port', '0', '--no-browser'],
    { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`latentia train ended with ${code}: ${said}`)));
    child.stderr.on('data', (text) => {
      said += text;
      const found = /watch +(http:\S+)/.exec(said);
      if (found) resolve({ child, url: found[1], said: () => said });
    });
  });
}

export async function prepared() {
  const folder = mkdtempSync(join(tmpdir(), 'latentia-page-'));
  const children = [];
  const stop = () => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', stop);
  const runs = [trained(folder, 'two', 2, '--snapshots'), trained(folder, 'six', 6)];
  const served = await Promise.all(runs.map((path) => serving(path)));
  children.push(...served.map(({ child }) => child));
  // Graphs and arrays are made once; no page should have to wait for them within its time.
  for (const { url } of served) {
    for (const path of ['graphs', 'arrays']) await (await fetch(`${url}/page-data/${path}`)).text();
  }
  return { two: served[0].url, six: served[1].url, folder, stop };
}
