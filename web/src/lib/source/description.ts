/** What a page is told of a run; `latentia/explorer/description.py` says it. */

export interface Component {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** How an example is shown as a picture. */
export interface PictureLayout {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  /** Whether it is ink: drawn in the page's ink on the page's paper. */
  readonly ink: boolean;
  /** The values of x that are the darkest and the brightest. */
  readonly span: readonly [number, number];
}

export interface SheetLayout {
  readonly height: number;
  readonly width: number;
  readonly across: number;
  readonly each: number;
  readonly sheets: number;
}

export interface Condition {
  readonly name: string;
  /** The names of its classes; empty of a number. */
  readonly classes: readonly string[];
  readonly mean: number;
  readonly std: number;
}

export interface Evaluation {
  readonly elbo: number;
  readonly reconstruction: number;
  readonly kl: number;
  readonly log_likelihood?: number | null;
  readonly standard_error?: number | null;
  readonly active_units?: number;
  readonly kl_per_dim?: readonly number[] | null;
  readonly n_examples?: number;
  readonly n_importance?: number | null;
  readonly bits_per_dim?: number | null;
  readonly [name: string]: unknown;
}

export interface Description {
  readonly name: string;
  /** The run's folder: its whole path, so that copied Python finds it; in a single file its name alone. */
  readonly run: string;
  /** What opens the page again, but for the port; nothing where no command did. */
  readonly command?: string;
  readonly latentia: string;
  readonly estimator: string;
  readonly latents: number;
  /** How many latents each group of a ladder has; empty of other models. */
  readonly groups: readonly number[];
  readonly space: 'real' | 'binary' | 'one-hot' | 'sphere';
  readonly posterior: Component;
  readonly prior: Component & { readonly is_proper: boolean };
  readonly likelihood: Component;
  readonly network: Component;
  readonly objective: Component;
  /** What the decoder's `shown` is, in words and as a formula. */
  readonly shown: readonly [string, string];
  readonly unit: string;
  /** Whether p(x|z) is a probability and no density: its logarithm is at most 0. */
  readonly is_mass?: boolean;
  readonly class_is_latent: boolean;
  readonly is_likelihood: boolean;
  readonly no_likelihood: string;
  readonly x: {
    /** Of one example as the graphs take it: (C, H, W) or (D,). */
    readonly shape: readonly number[];
    readonly kind: 'binary' | 'bytes' | 'unit' | 'real';
    readonly binarize: 'dynamic' | 'threshold' | 'none';
    /** Names of the columns that the model sees; empty of images. */
    readonly columns: readonly string[];
    /** What was taken from each column, and is added to what is shown; may be empty. */
    readonly offset: readonly number[];
    readonly low: number;
    readonly high: number;
  };
  readonly picture: PictureLayout | null;
  readonly sheets: SheetLayout | null;
  readonly conditions: readonly Condition[];
  readonly examples: {
    readonly data: string;
    readonly split: string;
    readonly count: number;
    readonly total: number;
    readonly labels: readonly string[];
    readonly has_labels: boolean;
    /** Why there are none; empty where there are. */
    readonly missing: string;
    /** By which name `latentia data fetch` would have them; empty where it cannot. */
    readonly fetch: string;
    /** Columns beside x that are numbers: arrays `column:NAME`. */
    readonly columns: readonly string[];
  };
  /** What `latentia evaluate` found, by split. */
  readonly numbers: Readonly<Record<string, Evaluation>>;
  /** Epochs whose weights were kept. */
  readonly snapshots: readonly number[];
  readonly best_epoch: number | null;
  /** The epoch whose weights these are; null of the run's own, which are those of `best_epoch`. */
  readonly epoch?: number | null;
  /** The runs that are shown beside it; `page.others`. What sets their numbers `apart`: `Apart`. */
  readonly others?: readonly { readonly name: string; readonly run: string; readonly apart: readonly string[] }[];
  /** Whether the page stands beside the training of this run (`latentia train --watch`). */
  readonly is_training?: boolean;
  /** How its pictures are laid out, where there are any. */
  readonly film?: FilmLayout | null;
}

/** Pictures of a run as it trains, or as it trained: bytes (examples + draws, height, width, channels) an epoch. */
export interface FilmLayout {
  readonly examples: number;
  readonly draws: number;
  readonly height: number;
  readonly width: number;
  /** The epochs of which there is a frame, of a film that is kept; while the run trains, `Standing` has them. */
  readonly epochs?: readonly number[];
}

/** What the graphs' numbers are; `latentia/portable.py` says it. */
export interface GraphsTold {
  readonly graphs: readonly ('encoder' | 'decoder' | 'classifier' | 'prior')[];
  /** Why there are none, and the program behind the page is asked instead. */
  readonly why_not?: { readonly what: string; readonly how: string };
  readonly z?: { readonly latents: number; readonly conditions: number };
  readonly posterior?: Component & { readonly outputs: readonly string[] };
  /** The decoder's outputs: the parameters of p(x|z) by torch's names, and at last `shown`. */
  readonly likelihood?: Component & { readonly outputs: readonly string[] };
}

export interface ArrayHead {
  readonly name: string;
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
  readonly unit: string;
}

/** One row of `metrics.jsonl`. */
export interface MetricsRow {
  readonly epoch: number;
  readonly step: number;
  readonly seconds: number;
  readonly split: 'train' | 'validation';
  readonly elbo: number | null;
  readonly reconstruction: number | null;
  readonly kl: number | null;
  readonly kl_per_dim: readonly number[] | null;
  readonly active_units: number | null;
  readonly [name: string]: unknown;
}
