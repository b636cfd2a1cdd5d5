import { type InferRequest, type InferResponse, type RequestContext, Transformer } from "kserve-transformer";

const FINGERPRINT = new URL("./fingerprint.ts", import.meta.url);

interface Row {
  readonly text: string;
  readonly rounds: number;
}

/** A hook that burns CPU, in a thread: other requests do not wait for it. */
export default class Fingerprints extends Transformer {
  override async predict(request: InferRequest, context: RequestContext): Promise<InferResponse> {
    const rows = request.instances as unknown as readonly Row[];
    if (rows.every(({ rounds }) => rounds === 0)) return request.reply({ predictions: rows.map(() => 0) });
    const hashes = await context.runInWorker<Int32Array>(FINGERPRINT, rows);
    return request.reply({ predictions: [...hashes] });
  }
}
