import type { InferProtocol } from "../../infer/to-message.ts";
import type { FoundRate } from "../find-rate.ts";
import type { LevelSummary } from "./summary.ts";

/** The largest rate whose p99 is at most so many milliseconds. */
export interface Objective extends FoundRate {
  readonly p99Ms: number;
}

/** All that a run found, for people and for programs. */
export interface BenchReport {
  readonly url: string;
  readonly model: string;
  readonly protocol: InferProtocol;
  /** Bytes of each message's body; messages are sent in turn. */
  readonly messageBytes: readonly number[];
  readonly levels: readonly LevelSummary[];
  /** The search for a rate; undefined where there was none. */
  readonly objective: Objective | undefined;
  /** True where a signal ended it before all levels were measured. */
  readonly interrupted: boolean;
}
