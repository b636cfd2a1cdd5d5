import { createTensor, type InferRequest, type InferResponse, Transformer } from "kserve-transformer";
import { testTransformer, v2Request } from "kserve-transformer/testing";
import { z } from "zod";

const customer = z.object({
  contract: z.enum(["monthly", "yearly"]),
  tenure: z.number().int().min(0),
  note: z.string().optional(),
});

class Tenure extends Transformer {
  override readonly rowSchema = customer;

  override preprocess(request: InferRequest) {
    const rows = request.rows(customer);
    return request.withInstances(rows.map(({ contract, tenure }) => [contract === "monthly" ? 1 : 0, tenure]));
  }

  override postprocess(response: InferResponse) {
    return response.withPredictions(response.predictions.map((churn) => ({ churn })));
  }
}

async function ask(instances: readonly object[]) {
  const tenure = testTransformer(Tenure, { predictor: { predictions: [0.7] } });
  const response = await tenure.predict({ instances: instances as never });
  await tenure.close();
  return { response, sent: tenure.sent };
}

test("docs/rows.md: rows come typed, and go on as rows", async () => {
  const { response, sent } = await ask([{ contract: "monthly", tenure: 3 }]);
  expect(sent[0]?.instances).toEqual([[1, 3]]);
  expect(response.json).toEqual({ predictions: [{ churn: 0.7 }] });
});

test("docs/rows.md: a row that does not fit is a 400 with its place, and the predictor is not asked", async () => {
  const { response, sent } = await ask([
    { contract: "monthly", tenure: 3 },
    { contract: "monthly", tenure: "long" },
  ]);
  expect(response.status).toBe(400);
  expect(response.json).toMatchObject({
    error: "instances[1].tenure: Invalid input: expected number, received string",
  });
  expect(sent).toEqual([]);
});

test("docs/rows.md: a V2 client's columns become the same rows, and its errors name its columns", async () => {
  const tenure = testTransformer(Tenure, { predictor: { predictions: [0.7] } });
  const contract = createTensor("contract", "BYTES", [1], [new TextEncoder().encode("yearly")]);
  const months = createTensor("tenure", "INT64", [1], BigInt64Array.of(12n));
  expect((await tenure.predict(v2Request([contract, months]))).status).toBe(200);
  expect(tenure.sent[0]?.instances).toEqual([[0, 12]]);
  const refused = await tenure.predict(v2Request([contract, createTensor("tenure", "FP64", [1], Float64Array.of(-1))]));
  expect(refused.json).toMatchObject({ error: expect.stringContaining("inputs.tenure[0]: ") });
  await tenure.close();
});

test("docs/rows.md: an integer beyond 2^53 is a bigint", async () => {
  const id = z.bigint();
  class Ids extends Transformer {
    override preprocess(request: InferRequest) {
      return request.withInstances(request.rows(id));
    }
  }
  const ids = testTransformer(Ids, { predictor: { predictions: [1] } });
  expect((await ids.predict({ instances: [9007199254740993n] })).status).toBe(200);
  expect(ids.sent[0]?.instances).toEqual([9007199254740993n]);
  await ids.close();
});

test("docs/rows.md: a schema that validates asynchronously is refused", async () => {
  const late = z.number().refine(async () => true);
  class Late extends Transformer {
    override preprocess(request: InferRequest) {
      request.rows(late);
      return request;
    }
  }
  const tested = testTransformer(Late, { predictor: { predictions: [] } });
  const { status, error } = await tested.predict({ instances: [1] });
  expect([status, String(error)]).toEqual([500, expect.stringContaining("takes a synchronous schema")]);
  await tested.close();
});

test("docs/rows.md: the row of another row schema, without a library", async () => {
  class Evens extends Transformer {
    override preprocess(request: InferRequest) {
      return request.withInstances(request.rows(even));
    }
  }
  const tested = testTransformer(Evens, { predictor: { predictions: [1] } });
  expect((await tested.predict({ instances: [2] })).status).toBe(200);
  expect((await tested.predict({ instances: [3] })).json).toMatchObject({
    error: "instances[0]: expected an even number",
  });
  await tested.close();
});

const even = {
  "~standard": {
    version: 1,
    vendor: "shop",
    validate: (row: unknown) =>
      typeof row === "number" && row % 2 === 0 ? { value: row } : { issues: [{ message: "expected an even number" }] },
  },
} as const;
