import type { ContentSource } from "../inference/content.ts";
import type { Values } from "../inference/values.ts";
import { resume } from "../resumable.ts";
import { Turns } from "../turns.ts";

/** A request or a response. */
interface Message {
  readonly source: ContentSource<unknown> | undefined;
  readonly values: Values;
}

/** Bytes of a body whose views take no long. */
const LITTLE = 64 * 1024;

/**
 * Views stay synchronous, and nobody says beforehand which one a hook will ask for. So it is learned: where a hook of a transformer asked
 * for the view that a content does not have of itself, the next large content of that kind gets it in turns, before the hook is called.
 */
export class AskedViews {
  readonly #derived = new Set<Values["native"]>();

  /** Looks at a message that a hook has had. */
  learn(message: Message): void {
    if (message.source?.isRead === false) return;
    try {
      const { values } = message;
      if (values.hasDerived === true) this.#derived.add(values.native);
    } catch {
      // A body that cannot be read has no views.
    }
  }

  /**
   * Makes the view that will be asked for; undefined where there is none, or it takes no long. What is wrong is told when it is asked for.
   * @throws the signal's reason once it is aborted.
   */
  prepare(message: Message, signal: AbortSignal | undefined): Promise<void> | undefined {
    if (this.#derived.size === 0 || isLittle(message.source)) return undefined;
    return this.#derive(message, new Turns(signal));
  }

  async #derive(message: Message, turns: Turns): Promise<void> {
    try {
      await resume(turns, () => {
        const { values } = message;
        if (!this.#derived.has(values.native)) return;
        if (values.native === "rows") values.tensors();
        else values.rows();
      });
    } catch (error) {
      if (turns.isAborted) throw error;
    }
  }
}

/** A form has no source, and has been read. */
function isLittle(source: ContentSource<unknown> | undefined): boolean {
  let bytes = 0;
  for (const chunk of source?.message.body ?? []) bytes += chunk.byteLength;
  return source !== undefined && bytes < LITTLE;
}
