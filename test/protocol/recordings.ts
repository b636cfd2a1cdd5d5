import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { WireMessage } from "../../src/inference/content.ts";
import { DATATYPES, type Datatype, type TensorData } from "../../src/tensor/datatype.ts";
import { toBfloat16, toFloat16 } from "../../src/tensor/elements/float16.ts";
import { fromRawBytes } from "../../src/tensor/elements/raw-elements.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

type RecordedValue = number | string | boolean | { readonly b64: string };

/** A recorded tensor; its elements as the servers' own libraries understood them. */
export interface RecordedTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly values: readonly RecordedValue[];
  readonly raw_le_b64?: string;
}

/** One exchange with a real server, packed by scripts/pack-wire.mjs. */
export interface Recording {
  readonly case: string;
  readonly kind?: string;
  readonly client: string;
  readonly path: string;
  readonly status?: number | null;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly requestTensors?: readonly RecordedTensor[];
  readonly responseTensors?: readonly RecordedTensor[];
  readonly request?: string;
  readonly response?: string;
}

export type RecordedServer = "triton" | "kserve" | "mlserver" | "torchserve" | "clients";

export function recordings(server: RecordedServer): readonly Recording[] {
  const file = new URL(`../fixtures/wire/${server}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(file)).toString("utf8"));
}

export function requestMessage({ requestHeaders, request = "" }: Recording): WireMessage {
  return { headers: requestHeaders, body: [Buffer.from(request, "base64")] };
}

export function responseMessage({ responseHeaders, response = "" }: Recording): WireMessage {
  return { headers: responseHeaders, body: [Buffer.from(response, "base64")] };
}

/** The tensor that was recorded, from its raw bytes or else its values. */
export function recordedTensor({ name, datatype, shape, values, raw_le_b64: raw }: RecordedTensor): Tensor {
  if (raw !== undefined) return fromRawBytes(name, datatype, shape, Buffer.from(raw, "base64"));
  const data: Record<number, unknown> & TensorData = DATATYPES[datatype].create(values.length);
  values.forEach((value, index) => {
    data[index] = element(datatype, value);
  });
  return { name, datatype, shape, data };
}

function element(datatype: Datatype, value: RecordedValue): number | bigint | Uint8Array {
  if (typeof value === "object") return new Uint8Array(Buffer.from(value.b64, "base64"));
  if (datatype === "INT64" || datatype === "UINT64") return BigInt(value);
  if (datatype === "FP16") return toFloat16(Number(value));
  if (datatype === "BF16") return toBfloat16(Number(value));
  return Number(value);
}

export function bodyText({ body }: WireMessage): string {
  return Buffer.concat(body).toString("utf8");
}

/** The JSON in front of a binary body, and what follows. */
export function splitBinary(message: WireMessage): { readonly head: string; readonly binary: Buffer } {
  const bytes = Buffer.concat(message.body);
  const length = Number(message.headers["inference-header-content-length"] ?? bytes.length);
  return { head: bytes.toString("utf8", 0, length), binary: bytes.subarray(length) };
}
