import { extname } from "node:path";

export interface ThreadTaskOptions {
  /** Buffers of the input that the thread takes over instead of copying them; they are empty here afterwards. */
  readonly transfer?: readonly ArrayBuffer[];
  /** A task that waits does not begin; the thread of one that runs is ended, unless `finishes`. */
  readonly signal?: AbortSignal;
  /** True for short tasks that are better finished than ended with their thread. @default false */
  readonly finishes?: boolean;
}

/** Work off the event loop, in a pool of threads. */
export interface Threads {
  /** Tasks that run at a time; 0 when there are no threads and tasks run on the event loop. */
  readonly size: number;
  /**
   * Calls the default export of a module with a structured clone of `input`. Typed arrays of what it returns are handed
   * over, not copied.
   * @throws what the module threw: an InferenceError as such, everything else as an Error with its name, message and stack.
   */
  run<Result>(module: URL | string, input: unknown, options?: ThreadTaskOptions): Promise<Result>;
}

/**
 * Node's arguments for a thread of ours that `url` starts: none, but for the source itself, as in our tests, where Node cannot
 * read TypeScript.
 */
export function threadArguments(url: string): { readonly execArgv?: string[] } {
  if (extname(new URL(url).pathname) !== ".ts") return {};
  if ((process.features as { readonly typescript?: unknown }).typescript) return { execArgv: [] };
  const loader = new URL("../../bench/typescript.mjs", import.meta.url).href;
  const code = `import { register } from "node:module"; register(${JSON.stringify(loader)});`;
  return { execArgv: ["--import", `data:text/javascript,${encodeURIComponent(code)}`] };
}
