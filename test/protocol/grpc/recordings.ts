import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Datatype } from "../../../src/tensor/datatype.ts";
import { fromRawBytes } from "../../../src/tensor/elements/raw-elements.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";

/** A recorded tensor; its elements as the servers' own libraries understood them. */
export interface RecordedTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly raw_le_b64?: string;
}

/** One exchange with a real server. */
export interface Recording {
  readonly case: string;
  readonly method: string;
  readonly kind: string;
  readonly code: number;
  readonly details?: string;
  readonly request: string;
  readonly response: string;
  readonly requestTensors?: readonly RecordedTensor[];
  readonly responseTensors?: readonly RecordedTensor[];
}

export const SERVERS = ["triton", "kserve", "mlserver"] as const;

export function recordings(server: (typeof SERVERS)[number]): readonly Recording[] {
  const file = new URL(`../../fixtures/wire-grpc/${server}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(file)).toString("utf8"));
}

/** Undefined where the recording is too large to keep its elements. */
export function recordedTensor(recorded: RecordedTensor): Tensor | undefined {
  const { name, datatype, shape, raw_le_b64: base64 } = recorded;
  return base64 === undefined ? undefined : fromRawBytes(name, datatype, shape, Buffer.from(base64, "base64"));
}
