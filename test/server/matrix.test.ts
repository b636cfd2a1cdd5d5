import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createEchoPredictor } from "../../src/predictor/embedded/echo-predictor.ts";
import { createGrpcPredictor } from "../../src/predictor/grpc/grpc-predictor.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import type { Predictor } from "../../src/predictor/predictor.ts";
import { grpcCodec } from "../../src/protocol/grpc/grpc-codec.ts";
import { DEFAULT_LIMITS } from "../../src/protocol/limits.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import type { Datatype, TensorDataByDatatype } from "../../src/tensor/datatype.ts";
import { DATATYPES } from "../../src/tensor/datatype.ts";
import { createTensor, type Tensor, type TensorSpec } from "../../src/tensor/tensor.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const log = createLogger({ level: "silent" });
const text = (value: string) => new TextEncoder().encode(value);

/** Two rows of three: ordinary and extreme values of each datatype. */
const VALUES: TensorDataByDatatype = {
  BOOL: new Uint8Array([0, 1, 1, 0, 1, 0]),
  UINT8: new Uint8Array([0, 1, 127, 128, 254, 255]),
  UINT16: new Uint16Array([0, 1, 255, 256, 65534, 65535]),
  UINT32: new Uint32Array([0, 1, 65536, 2147483648, 4294967294, 4294967295]),
  UINT64: new BigUint64Array([0n, 1n, 9007199254740993n, 9223372036854775808n, 2n ** 64n - 2n, 2n ** 64n - 1n]),
  INT8: new Int8Array([0, 1, -1, 127, -127, -128]),
  INT16: new Int16Array([0, 1, -1, 32767, -32767, -32768]),
  INT32: new Int32Array([0, 1, -1, 2147483647, -2147483647, -2147483648]),
  INT64: new BigInt64Array([0n, -1n, 9007199254740993n, -9007199254740993n, 2n ** 63n - 1n, -(2n ** 63n)]),
  FP16: new Uint16Array([0x0000, 0x3c00, 0xbc00, 0x7bff, 0x0001, 0x2e66]),
  FP32: new Float32Array([0, -0, 0.1, 16777217, 3.4028234663852886e38, 1.401298464324817e-45]),
  FP64: new Float64Array([0, -0, 0.1, 9007199254740991, Number.MAX_VALUE, Number.MIN_VALUE]),
  BYTES: [text(""), text("a"), text("grüße"), text('"\\\n'), text("https://example.com/a.jpg"), text("日本語")],
  BF16: new Uint16Array([0x0000, 0x3f80, 0xbf80, 0x7f7f, 0x0001, 0x3dcd]),
};

const CLIENTS = ["V1", "V2 JSON", "V2 binary", "gRPC"] as const;
const PREDICTORS = CLIENTS;
type Protocol = (typeof CLIENTS)[number];

/** A model that declares one tensor `x`, in and out. */
function declaring(datatype: Datatype): new () => Transformer {
  const specs: readonly TensorSpec[] = [{ name: "x", datatype, shape: [-1, 3] }];
  return class extends Transformer {
    override readonly inputs = specs;
    override readonly outputs = specs;
  };
}

const open = async (
  source: new () => Transformer,
  predictor: Predictor = createEchoPredictor(),
): Promise<ServerHandle> => {
  const server = await serve(source, { host: "127.0.0.1", port: 0, modelName: "m", log, predictor });
  await server.ready();
  return server;
};

function predictorFor(protocol: (typeof PREDICTORS)[number], url: string): Predictor {
  if (protocol === "gRPC") return createGrpcPredictor({ host: url.replace("http://", ""), modelName: "m" });
  if (protocol === "V1") return createHttpPredictor({ host: url, protocol: "v1", modelName: "m" });
  return createHttpPredictor({
    host: url,
    protocol: "v2",
    binary: protocol === "V2 binary" ? "on" : "off",
    modelName: "m",
  });
}

/** What a client of this protocol gets back for a tensor. */
async function ask(client: Protocol, url: string, tensor: Tensor): Promise<Tensor> {
  const codec = selectCodec(client === "V1" ? "v1" : "v2");
  const values = new TensorValues([tensor], "input");
  const request = new InferRequest({ modelName: "m", content: { parameters: {}, members: {}, values } });
  const message = codec.encodeRequest(request, { binary: client === "V2 binary" });
  if (client === "gRPC") return askGrpc(url, request);
  const response = await fetch(`${url}${client === "V1" ? "/v1/models/m:predict" : "/v2/models/m/infer"}`, {
    method: "POST",
    headers: message.headers,
    body: new Uint8Array(Buffer.concat(message.body)),
  });
  const body = new Uint8Array(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(`status ${response.status}: ${new TextDecoder().decode(body)}`);
  const headers = Object.fromEntries(response.headers);
  const { name, datatype, shape } = tensor;
  // V1 says no datatypes: the client knows what it asked for.
  const outputs = client === "V1" ? [{ name, datatype, shape }] : undefined;
  const answer = codec.decodeResponse({ headers, body: [body] }, { modelName: "m", limits: DEFAULT_LIMITS, outputs });
  return answer.output();
}

/** A client of grpc-js that moves bytes; the codec makes them. */
async function askGrpc(url: string, request: InferRequest): Promise<Tensor> {
  const identity = (bytes: Buffer) => bytes;
  const path = "/inference.GRPCInferenceService/ModelInfer";
  const client = new Client(url.replace("http://", ""), credentials.createInsecure());
  const sent = Buffer.concat(grpcCodec.encodeRequest(request, {}).body);
  const body = await new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(path, identity, identity, sent, (error: ServiceError | null, bytes?: Buffer) => {
      if (error !== null || bytes === undefined) reject(error ?? new Error("no response"));
      else resolve(bytes);
    });
  });
  client.close();
  return grpcCodec.decodeResponse({ headers: {}, body: [body] }, { modelName: "m", limits: DEFAULT_LIMITS }).output();
}

/** Bits, so that -0 and 0 differ. */
const bitsOf = ({ data }: Tensor) =>
  ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex")
    : data.map((element) => Buffer.from(element).toString("hex")).join(",");

/** Values, where -0 is 0: JSON libraries on the way write it so. */
const valuesOf = ({ data }: Tensor) => Array.from(data as ArrayLike<unknown>, (value) => (value === 0 ? 0 : value));

const cells = CLIENTS.flatMap((client) => PREDICTORS.map((predictor) => ({ client, predictor })));
const passed = new Map<string, Datatype[]>();

describe.each(Object.keys(DATATYPES) as Datatype[])("%s", (datatype) => {
  let backend: ServerHandle;
  const opened: ServerHandle[] = [];
  beforeAll(async () => {
    backend = await open(declaring(datatype));
  });
  afterAll(async () => {
    for (const server of opened) await server.close();
    await backend.close();
  });

  test.each(cells)("$client client × $predictor predictor", async ({ client, predictor }) => {
    const server = await open(declaring(datatype), predictorFor(predictor, backend.url));
    opened.push(server);
    const tensor = createTensor("x", datatype, [2, 3], VALUES[datatype]);
    const answer = await ask(client, server.url, tensor);
    expect([answer.datatype, answer.shape]).toEqual([datatype, [2, 3]]);
    if ([client, predictor].includes("V1")) expect(valuesOf(answer)).toEqual(valuesOf(tensor));
    else expect(bitsOf(answer)).toBe(bitsOf(tensor));
    const cell = `${client} × ${predictor}`;
    passed.set(cell, [...(passed.get(cell) ?? []), datatype]);
  });
});

describe("docs/protocols.md", () => {
  test("says what was just seen", () => {
    const all = Object.keys(DATATYPES).length;
    const row = (client: Protocol) =>
      PREDICTORS.map((predictor) => {
        const seen = passed.get(`${client} × ${predictor}`)?.length ?? 0;
        return seen === all ? `all ${all}` : `${seen} of ${all}`;
      });
    const table = [
      `| client ↓ predictor → | ${PREDICTORS.join(" | ")} |`,
      `| --- | ${PREDICTORS.map(() => "---").join(" | ")} |`,
      ...CLIENTS.map((client) => `| ${client} | ${row(client).join(" | ")} |`),
    ].join("\n");
    const page = fileURLToPath(new URL("../../docs/protocols.md", import.meta.url));
    const [before, after] = ["<!-- matrix -->\n", "\n<!-- /matrix -->"];
    const written = existsSync(page) ? readFileSync(page, "utf8") : `# Protocols\n\n${before}${after}\n`;
    const start = written.indexOf(before) + before.length;
    const end = written.indexOf(after);
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(page, written.slice(0, start) + table + written.slice(end));
    else expect(written.slice(start, end)).toBe(table);
  });
});
