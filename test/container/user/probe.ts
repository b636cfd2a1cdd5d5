import { accessSync, constants, readFileSync } from "node:fs";
import { type InferRequest, type InferResponse, Transformer } from "kserve-transformer";

/** Adds to the predictor's response who the process is, what it may do, and where it could write. */
export default class Probe extends Transformer {
  override postprocess(response: InferResponse): InferResponse {
    const seen = {
      user: process.getuid?.() ?? -1,
      writable: ["/", "/app", "/transformer", "/tmp"].filter(isWritable),
      capabilities: Number.parseInt(ofStatus("CapEff"), 16),
      newPrivileges: ofStatus("NoNewPrivs") === "0",
      megabytes: process.constrainedMemory() / 2 ** 20,
    };
    return response.withPredictions(response.predictions.map((value) => ({ value, ...seen })));
  }

  override preprocess(request: InferRequest): InferRequest {
    return request;
  }
}

/** A field of the kernel's word on this process. */
function ofStatus(field: string): string {
  return new RegExp(`^${field}:\\s+(\\w+)$`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
