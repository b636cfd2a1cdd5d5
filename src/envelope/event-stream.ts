/** Longest event that is held while its end has not come. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;

/**
 * Cuts a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html §9.2.6) into events:
 * the text between blank lines, whatever the chunks are.
 */
export class EventStreamReader {
  readonly #decoder = new TextDecoder();
  #waiting = "";

  /** The events that this chunk completes, without their blank line. @throws RangeError for an event without an end. */
  push(chunk: Uint8Array): string[] {
    return this.#take(this.#waiting + this.#decoder.decode(chunk, { stream: true }));
  }

  /** What is left when the stream ends; servers forget the last blank line. */
  end(): string[] {
    const rest = this.#waiting + this.#decoder.decode();
    this.#waiting = "";
    return rest.trim() === "" ? [] : [rest.replace(/[\r\n]+$/, "")];
  }

  #take(text: string): string[] {
    // A lone \r at the end may be half of \r\n, so it waits for the next chunk.
    const events = text.split(/\r\n\r\n|\n\n|\r\r(?!$)/);
    this.#waiting = events.pop() ?? "";
    if (this.#waiting.length > MAX_EVENT_CHARACTERS) {
      throw new RangeError(`a server-sent event is longer than ${MAX_EVENT_CHARACTERS} characters`);
    }
    return events.filter((event) => event !== "");
  }
}

/** The `data` lines of an event, joined as the standard says; undefined for comments and events without data. */
export function dataOfEvent(event: string): string | undefined {
  const lines = event.split(/\r\n|\n|\r/).filter((line) => line === "data" || line.startsWith("data:"));
  if (lines.length === 0) return undefined;
  return lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n");
}

/** The event with other data on one line; its `event`, `id` and `retry` lines stay. */
export function replaceEventData(event: string, data: string): string {
  const others = event.split(/\r\n|\n|\r/).filter((line) => line !== "data" && !line.startsWith("data:"));
  return [...others, `data: ${data}`].join("\n");
}

/** An event as bytes, with the blank line that ends it. */
export function encodeEventText(event: string): Uint8Array {
  return new TextEncoder().encode(`${event}\n\n`);
}
