import { Turns } from "../src/turns.ts";

/** Turns that are over at each look: each piece of work takes one, on any machine. */
export class ShortTurns extends Turns {
  /** Turns that were waited for. */
  count = 0;

  override get isOver(): boolean {
    return true;
  }

  override next(): Promise<void> {
    this.count++;
    return super.next();
  }
}
