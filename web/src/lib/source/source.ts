/**
 * Where the page has everything from: files by path, and examples by place.
 *
 *     description            JSON, `Description`
 *     graphs                 JSON, `GraphsTold`
 *     graph/decoder.onnx     bytes; and encoder, classifier
 *     arrays                 JSON, `ArrayHead[]`
 *     array/mean             float32 or int32, little end first, C order
 *     sheet/0.png            a thousand small pictures
 *     metrics                JSON, `MetricsRow[]`
 *     film/examples, film/3   bytes, `FilmLayout`; of a run that was watched, and in no single file
 *
 * `latentia explore` serves them below /page-data; a single file carries the same bytes under the
 * same names.
 */
export interface Source {
  /** Where it has them: nothing of the first run, `with/0/`, `at/3/`, `with/0/at/3/`. */
  readonly place: string;
  /** Return the source of another model, a folder further in. */
  under(folder: string): Source;
  /** Whether a service stands behind the page, to which operations of /v1 can be sent. */
  readonly isServed: boolean;
  /** Return the bytes of a file, unless the signal ends it. Rejects with a `SourceError`. */
  bytes(path: string, signal?: AbortSignal): Promise<ArrayBuffer>;
  /**
   * Return examples x (k, D) as the encoder takes them.
   *
   * @param drawn  Whether as the ELBO's numbers are about them: drawn black or white where the
   *   model was trained so, by the draw that the numbers are of.
   */
  examples(at: readonly number[], drawn?: boolean): Promise<Float32Array>;
}

/** Something could not be had: what, and how to mend it. */
export class SourceError extends Error {
  constructor(
    what: string,
    readonly how = '',
  ) {
    super(what);
  }
}

export async function json<T>(source: Source, path: string, signal?: AbortSignal): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await source.bytes(path, signal))) as T;
}
