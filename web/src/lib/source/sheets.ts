/** Small pictures of examples, a sheet at a time, as the values they have. */

import type { PictureLayout, SheetLayout } from './description';
import type { Source } from './source';

export class Sheets {
  readonly #sheets = new Map<number, Promise<ImageData>>();
  readonly #there = new Map<number, ImageData>();

  constructor(
    readonly source: Source,
    readonly layout: SheetLayout,
    readonly picture: PictureLayout,
  ) {}

  /** Return an example's small picture: values 0..255, (H, W) or (H, W, 3). */
  async thumbnail(place: number): Promise<Uint8ClampedArray> {
    await this.#sheet(Math.floor(place / this.layout.each));
    return this.now(place) as Uint8ClampedArray;
  }

  /** The same if its sheet is here; else nothing, and it is sent for. */
  now(place: number): Uint8ClampedArray | undefined {
    const { each, across, height, width } = this.layout;
    const number = Math.floor(place / each);
    const sheet = this.#there.get(number);
    if (!sheet) {
      void this.#sheet(number);
      return undefined;
    }
    const { channels } = this.picture;
    const left = ((place % each) % across) * width;
    const top = Math.floor((place % each) / across) * height;
    const found = new Uint8ClampedArray(height * width * channels);
    let to = 0;
    for (let y = 0; y < height; y++) {
      let from = ((top + y) * sheet.width + left) * 4;
      for (let x = 0; x < width; x++, from += 4) {
        for (let k = 0; k < channels; k++) found[to++] = sheet.data[from + k] ?? 0;
      }
    }
    return found;
  }

  #sheet(number: number): Promise<ImageData> {
    let sheet = this.#sheets.get(number);
    if (!sheet) {
      sheet = this.#read(number);
      // What failed may be asked for again.
      sheet.catch(() => this.#sheets.delete(number));
      this.#sheets.set(number, sheet);
    }
    return sheet;
  }

  async #read(number: number): Promise<ImageData> {
    const bytes = await this.source.bytes(`sheet/${number}.png`);
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('this browser has no canvas');
    context.drawImage(bitmap, 0, 0);
    const sheet = context.getImageData(0, 0, bitmap.width, bitmap.height);
    this.#there.set(number, sheet);
    return sheet;
  }
}
