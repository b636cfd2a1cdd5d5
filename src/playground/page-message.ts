/** A request to the page's routes, on plain values. */
export interface PageRequestMessage {
  readonly method: string;
  /** Below the page: `""`, `runs/ID`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
}

export interface PageResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
