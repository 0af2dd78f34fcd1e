/**
 * The page as one file: everything stands in it as blocks,
 *
 *     <script type="text/plain" id="latentia:array/mean">base64 of gzip</script>
 *
 * under the names of `Source`; `examples` and, where there are any, `drawn` hold x (n, D) of all
 * examples, float32, or uint8 of which 255 is 1 where the block has data-dtype="uint8".
 */

import { SourceError, type Source } from './source';
import { trouble } from './trouble';

const PREFIX = 'latentia:';

export class Embedded implements Source {
  readonly isServed = false;
  readonly place = '';
  readonly #known = new Map<string, Promise<Float32Array>>();
  readonly #count: Promise<number>;

  constructor() {
    this.#count = this.bytes('description').then(
      (bytes) =>
        (JSON.parse(new TextDecoder().decode(bytes)) as { examples: { count: number } }).examples
          .count,
    );
  }

  /** Whether this page carries its own data. */
  static get isHere(): boolean {
    return document.getElementById(`${PREFIX}description`) !== null;
  }

  under(folder: string): never {
    throw new SourceError(trouble.without(folder));
  }

  async bytes(path: string): Promise<ArrayBuffer> {
    return unpacked(path);
  }

  async examples(at: readonly number[], drawn = false): Promise<Float32Array> {
    const all = await this.#all(drawn && block('drawn') ? 'drawn' : 'examples');
    const size = all.length / Math.max(1, await this.#count);
    const found = new Float32Array(at.length * size);
    at.forEach((place, i) => found.set(all.subarray(place * size, (place + 1) * size), i * size));
    return found;
  }

  #all(name: string): Promise<Float32Array> {
    const known = this.#known.get(name) ?? this.#read(name);
    this.#known.set(name, known);
    return known;
  }

  async #read(name: string): Promise<Float32Array> {
    const bytes = await unpacked(name);
    if (block(name)?.dataset.dtype !== 'uint8') return new Float32Array(bytes);
    return Float32Array.from(new Uint8Array(bytes), (value) => value / 255);
  }
}

const block = (path: string): HTMLElement | null => document.getElementById(PREFIX + path);

/** Return the bytes of a block. */
export async function unpacked(path: string): Promise<ArrayBuffer> {
  const text = block(path)?.textContent;
  if (!text) throw new SourceError(trouble.without(path));
  const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}
