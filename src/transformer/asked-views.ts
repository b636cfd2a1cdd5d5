import type { ContentSource } from "../inference/content.ts";
import type { Values } from "../inference/values.ts";
import { resume } from "../resumable.ts";
import { byteLength } from "../tensor/join-parts.ts";
import { weightsOf } from "../tensor/nested/nest-elements.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { LARGE, Turns } from "../turns.ts";

/** A request or a response. */
interface Message {
  readonly source: ContentSource<unknown> | undefined;
  readonly values: Values;
}

/** Bytes of a body whose views take no long. */
const LITTLE = 64 * 1024;
/** Words of 8 bytes of a view that is made on trial: 128 MiB. */
const MOST_WORDS = 16 * 1024 * 1024;

/**
 * Views stay synchronous, and nobody says beforehand which one a hook will ask for. So it is learned from the contents of each kind that the
 * hook had: while none of them was large, a large one gets the view that it does not have of itself in turns, before the hook is called,
 * and so does each one once the hook has asked for it. A hook that did not ask pays for it no more.
 */
export class AskedViews {
  readonly #asked = new Set<Values["native"]>();
  /** Kinds of which the hook had a large content. */
  readonly #known = new Set<Values["native"]>();

  /** Looks at a message that the hook has had. */
  learn(message: Message): void {
    const { source } = message;
    if (source?.isRead === false) return;
    try {
      const { native, isDerivedAsked } = message.values;
      if (isDerivedAsked === true) this.#asked.add(native);
      if (!this.#known.has(native) && bytesOf(source) >= LARGE) this.#known.add(native);
    } catch {
      // A body that cannot be read has no views.
    }
  }

  /**
   * Makes the view that may be asked for; undefined where there is none, or it takes no long. What is wrong is told when it is asked for.
   * @throws the signal's reason once it is aborted.
   */
  prepare(message: Message, signal: AbortSignal | undefined): Promise<void> | undefined {
    const bytes = bytesOf(message.source);
    if (bytes < LITTLE || (bytes < LARGE && this.#asked.size === 0)) return undefined;
    if (message.source === undefined && !this.#expects(message.values, bytes)) return undefined;
    return this.#derive(message, bytes, new Turns(signal));
  }

  async #derive(message: Message, bytes: number, turns: Turns): Promise<void> {
    try {
      await resume(turns, () => {
        const { values } = message;
        if (this.#expects(values, bytes)) values.derive?.();
      });
    } catch (error) {
      if (turns.isAborted) throw error;
    }
  }

  #expects(values: Values, bytes: number): boolean {
    if (this.#asked.has(values.native)) return true;
    if (bytes < LARGE || this.#known.has(values.native)) return false;
    return values.native === "rows" || wordsAsRows(values.tensors()) <= MOST_WORDS;
  }
}

/** What a hook or a form made has no source, and no size that one sees. */
function bytesOf(source: ContentSource<unknown> | undefined): number {
  return source === undefined ? Number.POSITIVE_INFINITY : byteLength(source.message.body);
}

/** An array takes as much as seven numbers and has a place in another one; so does an object, and a text about half of it. */
function wordsAsRows(tensors: readonly Tensor[]): number {
  let words = tensors.length > 1 ? 8 * (tensors[0]?.shape[0] ?? 0) : 0;
  for (const { datatype, shape } of tensors) {
    const elements = elementCount(shape);
    const arrays = (weightsOf(shape)[0] ?? 1) - elements;
    words += elements * (datatype === "BYTES" ? 4 : 1) + 8 * arrays;
  }
  return words;
}
