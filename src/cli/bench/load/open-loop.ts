import { setTimeout as delay } from "node:timers/promises";
import type { LoadChannel } from "../load-client.ts";
import type { Load, LoadListener, StartLoad } from "./load.ts";

export interface OpenLoopOptions {
  /** Requests per second. */
  readonly rate: number;
  /** Channels that it may open; a request that is due while all are taken waits, and its latency grows. */
  readonly connections: number;
}

/**
 * Requests at fixed instants, whether or not earlier ones have ended, as clients send them that do not know of each other. The
 * latency counts from the instant at which a request was due: a server that stalls is charged for all that it kept waiting, which
 * a closed loop leaves out ("coordinated omission").
 */
export function openLoop(options: OpenLoopOptions): StartLoad {
  return (client, listener) => new OpenLoop(() => client.open(), listener, options);
}

/** Timers fire a millisecond or two late; what is due sooner is waited for by going round the event loop. */
const TIMER_MS = 2;

class OpenLoop implements Load {
  readonly #open: () => LoadChannel;
  readonly #listener: LoadListener;
  readonly #gapMs: number;
  readonly #connections: number;
  readonly #start = performance.now();
  readonly #idle: LoadChannel[] = [];
  #opened = 0;
  #sent = 0;
  #underWay = 0;
  #isStopped = false;
  /** True while requests are due and every channel is taken. */
  #isBlocked = false;
  #isWakeSet = false;
  #onIdle: (() => void) | undefined;

  constructor(open: () => LoadChannel, listener: LoadListener, { rate, connections }: OpenLoopOptions) {
    this.#open = open;
    this.#listener = listener;
    this.#gapMs = 1000 / rate;
    this.#connections = connections;
    this.#sendDue();
  }

  get waiting(): number {
    return this.#isBlocked ? Math.floor((performance.now() - this.#due()) / this.#gapMs) + 1 : 0;
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    if (this.#underWay === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    await Promise.race([idle, delay(graceMs, undefined, { ref: false })]);
  }

  /** When the next request is due; counted from the start, so that no rounding adds up. */
  #due(): number {
    return this.#start + this.#sent * this.#gapMs;
  }

  #sendDue(): void {
    if (this.#isStopped) return;
    for (let now = performance.now(); this.#due() <= now; now = performance.now()) {
      const channel = this.#idle.pop() ?? (this.#opened < this.#connections ? this.#openAnother() : undefined);
      if (channel === undefined) {
        this.#isBlocked = true;
        return;
      }
      if (!this.#isBlocked) this.#listener.sentLate?.(now - this.#due());
      void this.#send(channel, this.#due());
    }
    this.#isBlocked = false;
    this.#wakeAt(this.#due());
  }

  #openAnother(): LoadChannel {
    this.#opened += 1;
    return this.#open();
  }

  async #send(channel: LoadChannel, due: number): Promise<void> {
    this.#underWay += 1;
    const outcome = await channel.send(this.#sent++);
    this.#underWay -= 1;
    this.#listener.ended(outcome, performance.now() - due);
    this.#idle.push(channel);
    if (this.#isBlocked) this.#sendDue();
    if (this.#underWay === 0) this.#onIdle?.();
  }

  #wakeAt(instant: number): void {
    if (this.#isWakeSet) return;
    this.#isWakeSet = true;
    const wake = (): void => {
      this.#isWakeSet = false;
      this.#sendDue();
    };
    const left = instant - performance.now();
    if (left > TIMER_MS) setTimeout(wake, left - TIMER_MS);
    else setImmediate(wake);
  }
}
