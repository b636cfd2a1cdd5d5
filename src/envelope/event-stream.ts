/** Longest event that is ever held while its end has not come. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;
const BLANK_LINE = /\r\n\r\n|\n\n|\r\r(?!$)/;
/** Characters at the end that may be the beginning of a blank line. */
const HELD_BACK = 3;

/**
 * Cuts a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html §9.2.6) into events:
 * the text between blank lines, whatever the chunks are. Each character is looked at once, however long the event is.
 */
export class EventStreamReader {
  readonly #decoder = new TextDecoder();
  readonly #maxCharacters: number;
  /** An event's beginning, and its last characters, which may be half of a blank line. */
  #pieces: string[] = [];
  #length = 0;
  #tail = "";

  /** @param maxCharacters most of one event; 16 Mi at most. */
  constructor(maxCharacters: number = MAX_EVENT_CHARACTERS) {
    this.#maxCharacters = Math.min(maxCharacters, MAX_EVENT_CHARACTERS);
  }

  /** The events that this chunk completes, without their blank line. @throws RangeError for an event that is too long. */
  push(chunk: Uint8Array): string[] {
    const parts = (this.#tail + this.#decoder.decode(chunk, { stream: true })).split(BLANK_LINE);
    const rest = parts.pop() ?? "";
    const events = parts.map((part) => this.#complete(part)).filter((event) => event !== "");
    this.#tail = rest.slice(-HELD_BACK);
    this.#hold(rest.slice(0, -HELD_BACK));
    return events;
  }

  /** What is left when the stream ends; servers forget the last blank line. */
  end(): string[] {
    const rest = this.#complete(this.#tail + this.#decoder.decode());
    this.#tail = "";
    return rest.trim() === "" ? [] : [rest.replace(/[\r\n]+$/, "")];
  }

  #complete(part: string): string {
    this.#hold(part);
    const event = this.#pieces.join("");
    this.#pieces = [];
    this.#length = 0;
    return event;
  }

  #hold(piece: string): void {
    this.#length += piece.length;
    if (this.#length > this.#maxCharacters) {
      throw new RangeError(`a server-sent event is longer than ${this.#maxCharacters} characters (max_response_bytes)`);
    }
    this.#pieces.push(piece);
  }
}

/** Lines of one event; a text of many megabytes stands on one. */
const MAX_LINES = 65_536;

/** @throws RangeError for more lines than an event has. */
function linesOf(event: string): string[] {
  // Most have one line, which is found at native speed however long it is.
  if (!event.includes("\n") && !event.includes("\r")) return [event];
  const lines = event.split(/\r\n|\n|\r/, MAX_LINES + 1);
  if (lines.length > MAX_LINES) throw new RangeError(`a server-sent event has more than ${MAX_LINES} lines`);
  return lines;
}

/**
 * The `data` lines of an event, joined as the standard says; undefined for comments and events without data.
 * @throws RangeError for an event of more than 65,536 lines.
 */
export function dataOfEvent(event: string): string | undefined {
  const lines = linesOf(event).filter((line) => line === "data" || line.startsWith("data:"));
  if (lines.length === 0) return undefined;
  return lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n");
}

/** The event with other data on one line; its `event`, `id` and `retry` lines stay. */
export function replaceEventData(event: string, data: string): string {
  const others = linesOf(event).filter((line) => line !== "data" && !line.startsWith("data:"));
  return [...others, `data: ${data}`].join("\n");
}

/** An event as bytes, with the blank line that ends it. */
export function encodeEventText(event: string): Uint8Array {
  return new TextEncoder().encode(`${event}\n\n`);
}
