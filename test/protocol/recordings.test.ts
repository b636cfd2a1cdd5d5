import { Buffer } from "node:buffer";
import type { InferenceError } from "../../src/errors.ts";
import type { WireMessage } from "../../src/inference/content.ts";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import { parseJson } from "../../src/json/parse-json.ts";
import { decodeBody } from "../../src/protocol/body-encoding.ts";
import { checkRequest } from "../../src/protocol/check-request.ts";
import { DEFAULT_LIMITS as limits } from "../../src/protocol/limits.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import { formatBase64 } from "../../src/tensor/elements/base64.ts";
import type { JsonValue } from "../../src/tensor/json-value.ts";
import { isTensorOf, type Tensor } from "../../src/tensor/tensor.ts";
import {
  bodyText,
  type RecordedTensor,
  type Recording,
  recordedTensor,
  recordings,
  requestMessage,
  responseMessage,
  splitBinary,
} from "./recordings.ts";

const v1 = selectCodec("v1");
const v2 = selectCodec("v2");
const options = { modelName: "m", limits };

const wireOf = ({ path }: Recording) => (path.startsWith("/v1/") ? "v1" : "v2");
const named = (list: readonly Recording[]) => list.map((recording) => [recording.case, recording] as const);

/** A tensor in the form of the recordings; of long BYTES elements these keep the length and the head alone. */
function comparable(tensor: Tensor, like: RecordedTensor | undefined): object {
  const { name, datatype, shape, data } = tensor;
  if (!isTensorOf(tensor, "BYTES")) return { name, datatype, shape, data };
  const texts = tensor.data.map((element, index) => {
    const recorded = like?.values[index] as { bytes?: number; b64?: string } | undefined;
    return recorded?.bytes === undefined
      ? formatBase64(element)
      : `${element.length} bytes from ${formatBase64(element.subarray(0, 24))}`;
  });
  return { name, datatype, shape, data: texts };
}

function expectTensors(tensors: readonly Tensor[], recorded: readonly RecordedTensor[]): void {
  expect(tensors.map((tensor, index) => comparable(tensor, recorded[index]))).toEqual(
    recorded.map((tensor) => {
      const { name, datatype, shape, values } = tensor;
      if (datatype !== "BYTES") return comparable(recordedTensor(tensor), tensor);
      const texts = (values as { b64?: string; bytes?: number; b64_head?: string }[]).map(
        ({ b64, bytes, b64_head: head }) => (bytes === undefined ? b64 : `${bytes} bytes from ${head}`),
      );
      return { name, datatype, shape, data: texts };
    }),
  );
}

/** MLServer gives back what it got, even where that is no tensor. */
const NONSENSE = [
  "err.shape-huge",
  "err.shape-huge-rank1",
  "err.shape-negative",
  "err.shape-overflow",
  "err.shape-too-big",
  "err.shape-too-small",
  "v2-json.bytes-number",
  "v2-json.float-in-int",
  "v2-json.int64-2pow63",
  "v2-json.string-in-fp32",
  "v2-json.uint8-300",
];
const isNonsense = (server: string, recording: Recording) => server === "mlserver" && NONSENSE.includes(recording.case);

describe.each(["triton", "kserve", "mlserver"] as const)("%s", (server) => {
  const all = recordings(server).filter((recording) => wireOf(recording) === "v2");
  const answers = all.filter((recording) => recording.status === 200 && recording.responseTensors !== undefined);
  const requests = all.filter(
    ({ kind, client, requestTensors }) =>
      kind !== "error" && requestTensors !== undefined && !(server === "mlserver" && client === "hand-written bytes"),
  );
  /** KServe's and MLServer's clients write NaN as null, which a request may not hold. */
  const hasNull = (recording: Recording) => bodyText(requestMessage(recording)).includes('"data":[null');

  test.each(named(answers.filter((recording) => !isNonsense(server, recording))))(
    "answer of %s is read as it was meant",
    (_, recording) => {
      const { outputs } = v2.decodeResponse(responseMessage(recording), options);
      expectTensors(outputs, recording.responseTensors ?? []);
    },
  );

  const exact = requests.filter((recording) => !hasNull(recording));
  test.each(named(exact))("request of %s is read as it was meant", async (_, recording) => {
    const { headers, body } = requestMessage(recording);
    const decoded = await decodeBody(body, headers["content-encoding"], limits.maxBodyBytes);
    const { inputs } = v2.decodeRequest({ headers, body: decoded }, options);
    expectTensors(inputs, recording.requestTensors ?? []);
  });

  // KServe's client sends no binary where there are no elements.
  const binary = requests.filter(
    ({ kind, requestHeaders }) =>
      kind === "v2-bin_bin" && requestHeaders["inference-header-content-length"] !== undefined,
  );
  if (binary.length > 0)
    test.each(named(binary))("request of %s is written byte for byte", (_, recording) => {
      const { client, requestTensors = [] } = recording;
      const sent = splitBinary(requestMessage(recording));
      const head = JSON.parse(sent.head);
      const whole = requestTensors.every((tensor) => tensor.raw_le_b64 !== undefined);
      const read = v2.decodeRequest(requestMessage(recording), options).inputs;
      const values = new TensorValues(whole ? requestTensors.map(recordedTensor) : read, "input");
      const request = new InferRequest({
        modelName: "m",
        content: { id: head.id, parameters: {}, members: {}, values },
      });
      const message = v2.encodeRequest(request, { binary: true });
      const written = splitBinary(message);
      expect(written.binary.equals(sent.binary)).toBe(true);
      if (client.startsWith("tritonclient")) expect(written.head).toBe(sent.head);
      else expect(JSON.parse(written.head).inputs).toEqual(head.inputs);
    });

  const damaged = requests.filter(hasNull);
  if (damaged.length > 0) {
    test.each(named(damaged))("request of %s is refused, since null is no number", (_, recording) => {
      expect(() => checkRequest("v2", requestMessage(recording), limits)).toThrow(/tensor 'x'/);
    });
  }
});

test.each(named(recordings("mlserver").filter((recording) => NONSENSE.includes(recording.case))))(
  "MLServer's answer to %s is a bad gateway",
  (_, recording) => {
    const response = v2.decodeResponse(responseMessage(recording), options);
    const error = failureOf(() => response.outputs.map(({ data }) => data));
    expect([error?.code, error?.message.slice(0, 21)]).toEqual(["bad_gateway", "predictor's response:"]);
  },
);

/** What is wrong with the body of each error case, in the words of the message. */
const FAULTS: Readonly<Record<string, RegExp>> = {
  "err.bad-dtype": /tensor '\w+': datatype must be one of BOOL, .*, got "FP31"/,
  "err.bin-bytes-truncated": /tensor '\w+': expected 255 bytes for BYTES element 0, got 3 left/,
  "err.bin-bytes-wrong-count": /tensor '\w+': .*10/,
  "err.bin-header-missing": /Inference-Header-Content-Length with a binary body, got none/,
  "err.bin-header-negative":
    /Inference-Header-Content-Length: expected a whole number from 0 to the \d+ bytes of the body, got "-5"/,
  "err.bin-header-text": /Inference-Header-Content-Length: .*, got "abc"/,
  "err.bin-header-too-long": /Inference-Header-Content-Length: .*, got "99999"/,
  "err.bin-header-too-short": /body is not JSON: .* at byte 20/,
  "err.bin-size-negative": /tensor '\w+': binary_data_size must be a whole number of bytes, got -1/,
  "err.bin-size-string": /tensor '\w+': binary_data_size must be a whole number of bytes, got the string "16"/,
  "err.bin-size-vs-shape": /tensor '\w+': FP32 of shape \[4\] takes 16 bytes, got binary_data_size 12/,
  "err.bin-too-few": /tensor '\w+': expected 16 bytes of binary data, got 12/,
  "err.bin-too-many": /expected 16 bytes of binary data for all tensors, got 20/,
  "err.deep-json": /at most 64 nested arrays|nested deeper than the limit of 64 levels/,
  "err.deep-json-100k": /at most 64 nested arrays|nested deeper than the limit of 64 levels/,
  "err.empty-body": /expected a JSON body such as .*, got no body/,
  "err.empty-object": /inputs must be an array, got nothing/,
  "err.inputs-not-list": /inputs must be an array, got an object/,
  "err.json-array": /body must be an object, got an array/,
  "err.malformed-json": /body is not JSON: expected ',' or '}', got the end at byte 22/,
  "err.missing-data": /tensor '\w+': expected data with 4 elements, got none/,
  "err.missing-dtype": /tensor '\w+': datatype must be one of .*, got undefined/,
  "err.missing-name": /inputs\[0\].name must be a string, got nothing/,
  "err.missing-shape": /tensor '\w+': shape must be an array of whole numbers ≥ 0, got nothing/,
  "err.shape-huge":
    /tensor '\w+': shape \[1000000,1000000\] has 1000000000000 elements, more than the limit of 67108864/,
  "err.shape-huge-rank1":
    /tensor '\w+': shape \[1000000000000\] has 1000000000000 elements, more than the limit of 67108864/,
  "err.shape-negative": /tensor '\w+': shape must be an array of whole numbers ≥ 0, got \[-1\]/,
  "err.shape-overflow": /tensor '\w+': shape \[4294967296,4294967296,2\] has more elements than can be counted/,
  "err.shape-overflow-r3": /tensor '\w+': shape .* has more elements than can be counted/,
  "err.shape-string": /tensor '\w+': shape must be an array of whole numbers ≥ 0, got "4"/,
  "err.shape-too-big": /tensor '\w+': .*4/,
  "err.shape-too-small": /tensor '\w+': /,
  "v2-json.bytes-number": /tensor '\w+': expected a string as element 0 of data, got '1'/,
  "v2-json.bytes-surrogate": /a surrogate without its pair/,
  "v2-json.float-in-int": /tensor '\w+'.*1\.5/,
  "v2-json.int64-2pow63": /tensor '\w+'.*9223372036854775808/,
  "v2-json.lower-dtype": /tensor '\w+': datatype must be one of .*, got "fp32"/,
  "v2-json.null-in-fp32": /tensor '\w+'/,
  "v2-json.string-in-fp32": /tensor '\w+'/,
  "v2-json.uint8-300": /tensor '\w+'.*300/,
  "v2-json.1e999": /tensor '\w+'.*1e999/,
};

const faulty = (["triton", "kserve"] as const).flatMap((server) =>
  recordings(server)
    .filter((recording) => wireOf(recording) === "v2" && FAULTS[recording.case] !== undefined)
    .map((recording) => [`${recording.case} sent to ${server}`, recording] as const),
);

test("every fault has its recording", () => {
  expect(new Set(faulty.map(([, recording]) => recording.case))).toEqual(new Set(Object.keys(FAULTS)));
});

test.each(faulty)("the request of %s is refused by name", (_, recording) => {
  const error = failureOf(() => checkRequest("v2", requestMessage(recording), limits));
  expect([error?.status, error?.message]).toEqual([400, expect.stringMatching(FAULTS[recording.case] as RegExp)]);
});

describe.each(["kserve", "torchserve"] as const)("V1 of %s", (server) => {
  const good = recordings(server).filter(
    (recording) => wireOf(recording) === "v1" && recording.kind === "v1" && recording.status === 200,
  );

  test.each(named(good.filter(({ case: name }) => !name.includes("cloudevent"))))(
    "%s is read, and written as it was",
    (_, recording) => {
      const request = v1.decodeRequest(requestMessage(recording), options);
      const v1Form = recording.case === "v1.inputs-key" ? "columns" : "auto";
      const written = v1.encodeRequest(request.withMembers(request.members), { v1Form });
      expect(parse(written)).toEqual(parse(requestMessage(recording)));
      const response = v1.decodeResponse(responseMessage(recording), options);
      const again = v1.encodeResponse(response, { request });
      expect(parse(again)).toEqual(parse(responseMessage(recording)));
    },
  );
});

test.each(named(recordings("clients")))("the request of %s is read", async (_, recording) => {
  const { headers, body } = requestMessage(recording);
  const decoded = await decodeBody(body, headers["content-encoding"], limits.maxBodyBytes);
  const codec = wireOf(recording) === "v1" ? v1 : v2;
  const [input] = codec.decodeRequest({ headers, body: decoded }, options).inputs;
  expect(Array.from(input?.data as Float32Array)).toEqual(expect.arrayContaining([2]));
});

/** The body by value; 1.8e19 and its digits are the same number. */
function parse(message: WireMessage): JsonValue {
  const text = bodyText(message).replace("1.8446744073709552e+19", "18446744073709552000");
  return parseJson(Buffer.from(text), { maxDepth: 64 });
}

function failureOf(run: () => unknown): InferenceError | undefined {
  try {
    run();
  } catch (error) {
    return error as InferenceError;
  }
  return undefined;
}
