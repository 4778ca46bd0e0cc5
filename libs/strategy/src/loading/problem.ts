export interface Problem {
  readonly file: string;
  /** Dotted path inside the file. */
  readonly path: string;
  readonly line: number | null;
  readonly message: string;
}
