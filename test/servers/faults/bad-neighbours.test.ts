import { readFileSync } from "node:fs";
import { createTensor, serve, Transformer } from "kserve-transformer";
import { createHttpPredictor } from "kserve-transformer/predictor";
import { v1Request, v2Request } from "kserve-transformer/testing";
import { ask } from "../ask.ts";
import { type RunningServer, type ServerName, startServer } from "../start-server.ts";

/** `KSERVE_TRANSFORMER_GOOD_REQUESTS=5000` is the long run. */
const GOOD = Number(process.env["KSERVE_TRANSFORMER_GOOD_REQUESTS"] ?? 400);
const CLIENTS = 12;
/** One request in so many is a bad one. */
const BAD_EVERY = 5;

const { vectors }: { vectors: number[][] } = JSON.parse(
  readFileSync(new URL("../../../examples/churn/expected.json", import.meta.url), "utf8"),
);
const [vector = []] = vectors;
const tensorOf = (row: readonly number[]) => createTensor("input-0", "FP64", [1, row.length], Float64Array.from(row));
const REQUESTS = {
  v1: { good: v1Request({ instances: [vector] }), bad: v1Request({ instances: [[1]] }) },
  v2: { good: v2Request([tensorOf(vector)]), bad: v2Request([tensorOf([1])]) },
};

/** No hook: bodies pass unread. */
class PassThrough extends Transformer {}
class Reader extends Transformer {
  override preprocess = (request: Parameters<NonNullable<Transformer["preprocess"]>>[0]) =>
    request.withInputs([...request.inputs]);
}

const TRANSFORMERS = { "with a hook": Reader, "without hooks": PassThrough };

// Python's servers close a connection behind an exception that nobody caught; the pool must not give it to the next request.
describe.each<[ServerName, "v1" | "v2"]>([
  ["kserve", "v1"],
  ["kserve", "v2"],
  ["mlserver", "v2"],
])("bad requests to %s over %s", (name, protocol) => {
  let predictor: RunningServer;
  beforeAll(async () => {
    predictor = await startServer(name);
  });
  afterAll(() => predictor?.stop());

  test.each(Object.entries(TRANSFORMERS))("fail alone, %s", async (_, transformer) => {
    const service = await serve(transformer, {
      modelName: "churn",
      host: "127.0.0.1",
      port: 0,
      predictor: createHttpPredictor({ protocol, host: predictor.url, binary: "off" }),
    });
    await service.ready();
    const outcomes = new Map<string, number>();
    let sent = 0;
    let good = 0;
    const client = async (): Promise<void> => {
      while (good < GOOD) {
        const isGood = ++sent % BAD_EVERY !== 0;
        if (isGood) good++;
        const answer = await ask(service.url, "churn", REQUESTS[protocol][isGood ? "good" : "bad"]);
        const outcome = `${isGood ? "good" : "bad"} ${answer.status}`;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    };
    try {
      await Promise.all(Array.from({ length: CLIENTS }, client));
    } finally {
      await service.close();
    }
    const badOnes = [...outcomes].filter(([outcome]) => outcome.startsWith("bad"));
    expect(badOnes.map(([outcome]) => outcome)).toEqual(["bad 500"]);
    expect(badOnes[0]?.[1]).toBeGreaterThan(GOOD / 10);
    expect(Object.fromEntries(outcomes)).toEqual({ "good 200": good, "bad 500": sent - good });
  });
});
