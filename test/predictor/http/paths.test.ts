import { InferRequest } from "../../../src/inference/infer-request.ts";
import { RowValues } from "../../../src/inference/row-and-tensor-values.ts";
import { HttpPaths } from "../../../src/predictor/http/paths.ts";
import { createRecorder } from "../../policy/forward-recorder.ts";
import { createRawHarness } from "../raw-harness.ts";
import { httpAnswer } from "../raw-server.ts";
import { inferenceErrorOf } from "../requests.ts";

const { start } = createRawHarness();

test.each(["v1", "v2"] as const)("%s: names are one segment of a path, whatever is in them", (protocol) => {
  const paths = new HttpPaths(protocol, "/base", { modelName: undefined, predictorModelName: undefined });
  const model = `/base/${protocol}/models/a%2F..%2Fb%3Fc/versions/1%202`;
  expect(paths.infer("a/../b?c", "1 2", "predict")).toBe(protocol === "v1" ? `${model}:predict` : `${model}/infer`);
  for (const dots of [".", "..", ""]) {
    expect(() => paths.infer("m", dots, "predict")).toThrow(`model version must not be "${dots}"`);
    expect(() => paths.metadata(dots)).toThrow(`model name must not be "${dots}"`);
  }
  expect(paths.infer("...", "..1", "predict")).toContain("/models/.../versions/..1");
});

test("a version of dots is a 400 on both ways, and nothing is sent", async () => {
  const { server, predictor } = await start((socket) => void socket.write(httpAnswer(404, {})), {
    protocol: "v2",
    binary: "off",
  });
  const content = { parameters: {}, members: {}, values: new RowValues([1], "input") };
  const request = new InferRequest({ modelName: "m", modelVersion: "..", content });
  expect(await inferenceErrorOf(predictor.infer(request))).toMatchObject({ status: 400 });
  const message = { headers: {}, body: [Buffer.from("{}")] };
  const forwarded = { verb: "predict", modelName: "m", modelVersion: "..", message, headers: {} } as const;
  expect(() => predictor.forwarder?.forward(forwarded, createRecorder())).toThrow("model version");
  expect(server.requests.filter((text) => text.includes(".."))).toEqual([]);
});
