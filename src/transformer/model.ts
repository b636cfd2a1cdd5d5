import { setTimeout as delay } from "node:timers/promises";
import { InferenceError } from "../errors.ts";
import type { InferenceClient } from "../inference/inference-client.ts";
import type { GuardedFetch, Logger } from "../inference/request-context.ts";
import { untilAborted } from "../policy/deadline.ts";
import type { Predictor } from "../predictor/predictor.ts";
import { createAbsentPredictor } from "./absent-predictor.ts";
import { findMisspeltHooks } from "./misspelt-hooks.ts";
import { type LoadContext, Transformer } from "./transformer.ts";

/** An instance, a class, or a function that makes one; the last two give a new instance at every load. */
export type TransformerSource =
  | Transformer<unknown>
  | (new () => Transformer<unknown>)
  | (() => Transformer<unknown> | Promise<Transformer<unknown>>);

export type ModelState = "unloaded" | "loading" | "ready" | "failed";

/** One model of the process: its transformer, its predictor, and whether it is loaded. */
export class Model {
  readonly name: string;
  readonly predictor: Predictor | undefined;
  /** The predictor, or what stands in for one. */
  readonly client: InferenceClient;
  state: ModelState = "unloaded";
  /** Why loading failed; for the log and the repository index. */
  failure: unknown;
  /** Sends requests through a transformer that is loaded and not yet served. @throws what keeps it from being served. */
  warmUp: ((transformer: Transformer<unknown>, signal: AbortSignal) => Promise<void>) | undefined;
  readonly #source: TransformerSource;
  readonly #log: Logger;
  readonly #fetch: GuardedFetch;
  #transformer: Transformer<unknown> | undefined;
  #loading: Promise<void> | undefined;
  #abort = new AbortController();
  #reloading: Promise<void> | undefined;
  /** Requests that each transformer is answering. */
  readonly #users = new Map<Transformer<unknown>, number>();
  /** Replaced, and to be closed after the last request. */
  readonly #retired = new Set<Transformer<unknown>>();

  constructor(
    name: string,
    source: TransformerSource,
    predictor: Predictor | undefined,
    environment: { readonly log: Logger; readonly fetch: GuardedFetch },
  ) {
    this.name = name;
    this.predictor = predictor;
    this.client = predictor ?? createAbsentPredictor(name);
    this.#source = source;
    this.#log = environment.log.child({ model: name });
    this.#fetch = environment.fetch;
  }

  /** The loaded transformer. @throws InferenceError unavailable while there is none. */
  get transformer(): Transformer<unknown> {
    if (this.#transformer === undefined || this.state !== "ready") {
      throw new InferenceError(`model '${this.name}' is not ready`, { code: "unavailable" });
    }
    return this.#transformer;
  }

  /** Makes the transformer and runs its `load`; the first call decides, later ones wait for it. */
  load(): Promise<void> {
    if (this.state === "ready") return Promise.resolve();
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /**
   * Puts a new transformer in the place of the one that serves, once it is loaded and warm; requests that are under way end
   * with the old one, which is closed after them. Where the new one fails, the old one goes on. A model that is not ready is
   * loaded; an instance, of which there is no other, stays.
   */
  reload(): Promise<void> {
    if (this.state !== "ready") return this.load();
    this.#reloading ??= this.#replace().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  /** A request begins with this transformer. @returns what tells that it is over. */
  enter(transformer: Transformer<unknown>): () => void {
    this.#users.set(transformer, (this.#users.get(transformer) ?? 0) + 1);
    return () => {
      const left = (this.#users.get(transformer) ?? 1) - 1;
      if (left > 0) this.#users.set(transformer, left);
      else {
        this.#users.delete(transformer);
        this.#closeRetired(transformer);
      }
    };
  }

  /**
   * What the transformer's own `ready` says; true without one. A hook that throws or takes longer says no.
   */
  async isReady(timeoutMs: number): Promise<boolean> {
    if (this.state !== "ready") return false;
    const transformer = this.#transformer;
    if (transformer?.ready === undefined) return true;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return (await untilAborted(Promise.resolve(transformer.ready(this.#loadContext(signal))), signal)) === true;
    } catch (error) {
      this.#log.warn({ err: error }, `model '${this.name}': its hook 'ready' failed`);
      return false;
    }
  }

  #loadContext(signal: AbortSignal): LoadContext {
    return { modelName: this.name, log: this.#log, signal, predictor: this.client, fetch: this.#fetch };
  }

  /** Resolves once the model is ready. @throws InferenceError unavailable when it is unloaded or failed to load. */
  async whenReady(): Promise<Transformer<unknown>> {
    if (this.#loading !== undefined) await this.#loading.catch(() => undefined);
    return this.transformer;
  }

  /**
   * Runs the transformer's `close`; requests are answered with 503 from now on. A `load` that does not heed its signal is waited
   * for, up to `timeoutMs`; `close` runs even then.
   */
  async unload(timeoutMs: number = Number.POSITIVE_INFINITY): Promise<void> {
    this.#abort.abort();
    if (this.#loading !== undefined) await within(this.#loading, timeoutMs);
    const transformer = this.#transformer;
    this.#transformer = undefined;
    this.state = "unloaded";
    for (const retired of this.#retired) await retired.close?.();
    this.#retired.clear();
    await transformer?.close?.();
  }

  async #replace(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    const old = this.#transformer;
    const next = await createTransformer(this.#source);
    if (next === old || old === undefined) return;
    await next.load?.(this.#loadContext(abort.signal));
    await this.warmUp?.(next, abort.signal);
    // It was unloaded meanwhile.
    if (this.#transformer !== old) {
      await next.close?.();
      return;
    }
    this.#transformer = next;
    this.#retired.add(old);
    // A request that was just handed the old one has entered by then.
    setImmediate(() => this.#closeRetired(old));
  }

  #closeRetired(transformer: Transformer<unknown>): void {
    if (this.#users.has(transformer) || !this.#retired.delete(transformer)) return;
    Promise.resolve(transformer.close?.()).catch((error: unknown) => {
      this.#log.error({ error }, `model '${this.name}': its hook 'close' failed`);
    });
  }

  async #load(): Promise<void> {
    this.state = "loading";
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const transformer = await createTransformer(this.#source);
      this.#transformer = transformer;
      for (const fault of findMisspeltHooks(transformer)) this.#log.warn({}, `model '${this.name}': ${fault}`);
      await transformer.load?.(this.#loadContext(abort.signal));
      if (this.#transformer === transformer) await this.warmUp?.(transformer, abort.signal);
      // It was unloaded meanwhile, and closed.
      if (this.#transformer !== transformer) return;
      this.state = "ready";
      this.failure = undefined;
    } catch (error) {
      this.#transformer = undefined;
      this.state = "failed";
      this.failure = error;
      this.#log.error({ error }, `model '${this.name}' failed to load`);
      throw error;
    }
  }
}

/** Resolves once the promise is settled, or its time is over. */
async function within(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  const settled = promise.then(
    () => undefined,
    () => undefined,
  );
  if (!Number.isFinite(timeoutMs)) return settled;
  const timer = new AbortController();
  const late = delay(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([settled, late]);
  timer.abort();
}

async function createTransformer(source: TransformerSource): Promise<Transformer<unknown>> {
  if (Transformer.isInstance(source)) return source;
  const made: unknown = Transformer.isClass(source) ? new source() : await (source as () => unknown)();
  if (Transformer.isInstance(made)) return made;
  throw new TypeError(`expected a Transformer, got ${made === null ? "null" : typeof made}`);
}
