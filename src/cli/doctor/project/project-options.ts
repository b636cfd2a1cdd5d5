/** A project's folder, and what its transformer is told. */
export interface ProjectOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}
