import { Duplex } from "node:stream";

/** Two ends of a connection: what is written to one is read from the other. */
export function createMemoryConnection(): readonly [Duplex, Duplex] {
  const first = new ConnectionEnd();
  const second = new ConnectionEnd();
  first.other = second;
  second.other = first;
  return [first, second];
}

class ConnectionEnd extends Duplex {
  other: ConnectionEnd | undefined;
  /** The other end's write that waits until this one wants more. */
  #waiting: (() => void) | undefined;

  override _read(): void {
    const resume = this.#waiting;
    this.#waiting = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { other } = this;
    if (other === undefined || other.destroyed) done();
    else if (other.push(chunk)) done();
    else other.#waiting = done;
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { other } = this;
    this.#waiting?.();
    // A broken connection breaks at both ends; one that has ended is left to read what is on its way.
    if (other !== undefined && !other.destroyed && !(this.writableFinished && other.readableLength > 0))
      other.destroy();
    done(error);
  }
}
