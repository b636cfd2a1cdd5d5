import type { InferProtocol } from "../../infer/to-message.ts";
import type { LevelSummary } from "./summary.ts";

/** All that a run found, for people and for programs. */
export interface BenchReport {
  readonly url: string;
  readonly model: string;
  readonly protocol: InferProtocol;
  /** Bytes of each message's body; messages are sent in turn. */
  readonly messageBytes: readonly number[];
  readonly levels: readonly LevelSummary[];
  /** True where a signal ended it before all levels were measured. */
  readonly interrupted: boolean;
}
