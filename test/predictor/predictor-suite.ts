import { tensorsToRows } from "../../src/inference/rows-and-tensors.ts";
import type { Predictor } from "../../src/predictor/predictor.ts";
import type { Datatype } from "../../src/tensor/datatype.ts";
import { sampleTensor } from "../protocol/sample-tensors.ts";
import { inferenceErrorOf, rowsRequest, tensorsRequest } from "./requests.ts";

/** A predictor under test and what stands behind it: model `m` takes `x` [-1, 3] and gives it back as `y`. */
export interface Opened {
  readonly predictor: Predictor;
  close(): Promise<void>;
}

export interface Subject {
  /** The model for one datatype. */
  open(datatype: Datatype): Promise<Opened>;
  /** A model that never answers; without one (embedded models) only an abort before the call is tested. */
  openSilent?(): Promise<Opened>;
  /** A model that answers 429 with `retry-after: 7` and the body `{"error":"busy"}`. */
  openBusy?(): Promise<Opened>;
  readonly datatypes: readonly Datatype[];
  /** Bits arrive as they were sent, with datatype and name; else (V1) values do. */
  readonly keepsDatatypes: boolean;
  /** Says what the model takes and gives. */
  readonly hasMetadata: boolean;
  /** Names and casts rows by the model's metadata. */
  readonly castsRows: boolean;
}

/** What every predictor does, whatever it is and speaks. */
export function testPredictor(name: string, subject: Subject): void {
  describe(name, () => {
    const opened: Opened[] = [];
    const open = async (datatype: Datatype = "FP32"): Promise<Predictor> => keep(await subject.open(datatype));
    const keep = (given: Opened): Predictor => {
      opened.push(given);
      return given.predictor;
    };
    afterEach(async () => {
      for (const { predictor, close } of opened.splice(0)) {
        await predictor.close().finally(close);
      }
    });

    test("answers rows with rows", async () => {
      const predictor = await open();
      const rows = [
        [1, 2, 3],
        [4, 5.5, -6],
      ];
      const response = await predictor.infer(rowsRequest(rows));
      expect(response.predictions).toEqual(rows);
      expect(response.modelName).toBe("m");
    });

    test.each(subject.datatypes)("carries tensors of %s", async (datatype) => {
      const predictor = await open(datatype);
      const tensor = sampleTensor(datatype, [2, 3]);
      const response = await predictor.infer(tensorsRequest(tensor));
      if (subject.keepsDatatypes) {
        expect(response.output("y", datatype)).toMatchObject({ datatype, shape: [2, 3], data: tensor.data });
      } else {
        const rows = tensorsToRows([{ ...tensor, name: "input-0" }], "input");
        const isSmallFloat = datatype === "FP32" || datatype === "FP16" || datatype === "BF16";
        // V1 writes the shortest text that is the same FP32, which read as a double is another number.
        const exact = (values: unknown) => (isSmallFloat ? deepFround(values) : values);
        expect(exact(response.predictions)).toEqual(exact(rows));
      }
    });

    test("carries tensors without rows", async () => {
      if (!subject.keepsDatatypes) return;
      const predictor = await open();
      const response = await predictor.infer(tensorsRequest(sampleTensor("FP32", [0, 3])));
      expect(response.output()).toMatchObject({ name: "y", shape: [0, 3] });
    });

    if (subject.castsRows) {
      test("names and casts rows by the model's metadata: to floats by rounding, to integers only exactly", async () => {
        const floats = await (await open("FP32")).infer(rowsRequest([[0.1, 2, 3]]));
        expect(floats.output("y", "FP32").data).toEqual(Float32Array.of(0.1, 2, 3));
        const integers = await open("INT64");
        const exact = await integers.infer(rowsRequest([[1, 2, 9007199254740993n]]));
        expect(exact.output("y", "INT64").data).toEqual(BigInt64Array.of(1n, 2n, 9007199254740993n));
        const error = await inferenceErrorOf(integers.infer(rowsRequest([[1, 2, 3.5]])));
        // The request is one that a hook made: a client's own would be a 400.
        expect(error).toMatchObject({ code: "internal", message: expect.stringContaining("instances[0][2]") });
      });
    }

    test("says that it is ready", async () => {
      expect(await (await open()).ready()).toBe(true);
    });

    test("says what the model takes and gives, or that it cannot say", async () => {
      const metadata = await (await open("INT64")).metadata();
      if (!subject.hasMetadata) {
        expect(metadata).toBeUndefined();
        return;
      }
      expect(metadata).toMatchObject({
        inputs: [{ name: "x", datatype: "INT64", shape: [-1, 3] }],
        outputs: [{ name: "y", datatype: "INT64", shape: [-1, 3] }],
      });
    });

    test("does not start a call whose signal is aborted", async () => {
      const predictor = await open();
      const signal = AbortSignal.abort();
      const error = await inferenceErrorOf(predictor.infer(rowsRequest([[1, 2, 3]]), { signal }));
      expect(error.code).toBe("cancelled");
    });

    const { openSilent, openBusy } = subject;
    if (openSilent !== undefined) {
      test("ends a call at once when its signal is aborted", async () => {
        const predictor = keep(await openSilent());
        const controller = new AbortController();
        const call = inferenceErrorOf(predictor.infer(rowsRequest([[1, 2, 3]]), { signal: controller.signal }));
        setImmediate(() => controller.abort());
        expect((await call).code).toBe("cancelled");
      });
    }

    if (openBusy !== undefined) {
      test("passes on an error with its status, headers and body", async () => {
        const predictor = keep(await openBusy());
        const error = await inferenceErrorOf(predictor.infer(rowsRequest([[1, 2, 3]])));
        expect(error).toMatchObject({ code: "resource_exhausted", status: 429, headers: { "retry-after": "7" } });
        expect(error.message).toBe("busy");
      });
    }

    test("is closed for good: calls are unavailable, readiness is false, and a second close does nothing", async () => {
      const predictor = await open();
      await predictor.infer(rowsRequest([[1, 2, 3]]));
      await predictor.close();
      expect((await inferenceErrorOf(predictor.infer(rowsRequest([[1, 2, 3]])))).code).toBe("unavailable");
      expect(await predictor.ready()).toBe(false);
      await predictor.close();
    });
  });
}

function deepFround(value: unknown): unknown {
  return Array.isArray(value) ? value.map(deepFround) : Math.fround(value as number);
}
