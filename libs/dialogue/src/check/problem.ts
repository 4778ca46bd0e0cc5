/** One reason why a script may not be published. */
export interface Problem {
  readonly file: string;
  readonly state: string | null;
  readonly rule: string;
  /** What is wrong and what to do. */
  readonly message: string;
}
