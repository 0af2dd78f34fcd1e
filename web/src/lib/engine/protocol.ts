/** What the page and its worker say to each other. */

export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export type Tensors = Readonly<Record<string, Tensor>>;

export type Request =
  | { readonly kind: 'start'; readonly id: number; readonly wasm: ArrayBuffer }
  | { readonly kind: 'open'; readonly id: number; readonly name: string; readonly graph: ArrayBuffer }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly name: string;
      readonly inputs: Tensors;
      /** Rows of one pass; more are done in several, between which what is urgent comes first. */
      readonly chunk: number;
      readonly urgent: boolean;
      /** The outputs that are wanted; all where it is left out. */
      readonly outputs?: readonly string[];
    }
  | { readonly kind: 'drop'; readonly id: number }
  | { readonly kind: 'close'; readonly id: number; readonly name: string };

export type Reply =
  | { readonly id: number; readonly outputs: Tensors; readonly ms?: number }
  | { readonly id: number; readonly error: string };
