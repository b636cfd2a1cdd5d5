/** What became of an event. */
export type EventOutcome = "sent" | "failed" | "dropped";

export interface EventQueueOptions<Event> {
  /** Events that may wait; one more is dropped. */
  readonly maxEvents: number;
  /** Bytes of them together. */
  readonly maxBytes: number;
  /** Sends one. @throws when it is not taken. */
  readonly send: (event: Event, signal: AbortSignal) => Promise<void>;
  readonly onEnd: (outcome: EventOutcome, error?: unknown) => void;
}

/** Events under way at a time, as KServe's agent has workers. */
const SENDERS = 5;

/** Takes events at once and sends them later; full it drops, so that who brings them never waits. */
export class EventQueue<Event> {
  readonly #options: EventQueueOptions<Event>;
  readonly #waiting: { readonly event: Event; readonly bytes: number }[] = [];
  readonly #ending = new AbortController();
  #bytes = 0;
  #senders = 0;
  #idle: (() => void) | undefined;

  constructor(options: EventQueueOptions<Event>) {
    this.#options = options;
  }

  add(event: Event, bytes: number): void {
    const { maxEvents, maxBytes, onEnd } = this.#options;
    if (this.#ending.signal.aborted || this.#waiting.length >= maxEvents || this.#bytes + bytes > maxBytes) {
      onEnd("dropped");
      return;
    }
    this.#waiting.push({ event, bytes });
    this.#bytes += bytes;
    if (this.#senders >= SENDERS) return;
    this.#senders += 1;
    // Behind the response that is being written.
    setImmediate(() => void this.#run());
  }

  /** Waits until everything is sent, at most this long; what is left then is dropped. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#senders > 0) {
      const timer = setTimeout(() => this.#ending.abort(), timeoutMs);
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
      clearTimeout(timer);
    }
    this.#ending.abort();
  }

  async #run(): Promise<void> {
    const { send, onEnd } = this.#options;
    const { signal } = this.#ending;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (signal.aborted) onEnd("dropped");
      else {
        await send(next.event, signal).then(
          () => onEnd("sent"),
          (error: unknown) => onEnd("failed", error),
        );
      }
      this.#bytes -= next.bytes;
    }
    this.#senders -= 1;
    if (this.#senders === 0) this.#idle?.();
  }
}
