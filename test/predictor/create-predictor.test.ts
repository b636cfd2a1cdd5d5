import { createPredictor, type PredictorProtocol } from "../../src/predictor/create-predictor.ts";
import { writeIdentityModel } from "./embedded/onnx-model.ts";
import { causesOf, inferenceErrorOf, rowsRequest } from "./requests.ts";

test.each([
  ["v1", "v1 http://demo"],
  ["v2", "v2 http://demo"],
  ["auto", "auto http://demo"],
] as const)("an address is a predictor that speaks %s", async (protocol, description) => {
  const predictor = await createPredictor("demo", { protocol });
  expect(predictor.description).toBe(description);
  await predictor.close();
});

test("an address alone speaks V1, as KServe's transformers do", async () => {
  const predictor = await createPredictor("https://demo:8443/x");
  expect(predictor.description).toBe("v1 https://demo:8443/x");
  await predictor.close();
});

test("grpc-v2 is a gRPC predictor", async () => {
  const predictor = await createPredictor("demo:9000", { protocol: "grpc-v2", ca: ["one", "two"] });
  expect(predictor.description).toContain("grpc");
  await predictor.close();
});

test("onnx: is an embedded model, loaded before the first request, under its name", async () => {
  const port = (name: string) => ({ name, datatype: "FP32" as const, shape: ["n"] });
  const path = writeIdentityModel([{ input: port("x"), output: port("y") }]);
  const predictor = await createPredictor(`onnx:${path}`, { modelName: "clothes" });
  expect(predictor.description).toBe(`onnx ${path}`);
  expect(await predictor.metadata()).toMatchObject({ name: "clothes" });
  await predictor.close();
});

test("a model that is not there is known at once; the log says where it was looked for", async () => {
  const error = await inferenceErrorOf(createPredictor("onnx:/nowhere/clothing.onnx"));
  expect(error).toMatchObject({ code: "unavailable", message: "the ONNX model clothing.onnx is not there" });
  expect(causesOf(error)).toContain("/nowhere/clothing.onnx");
});

test("a function is the model itself", async () => {
  const predictor = await createPredictor(function double(request) {
    return { predictions: request.instances.map((row) => Number(row) * 2) };
  });
  expect(predictor.description).toBe("function double");
  expect((await predictor.infer(rowsRequest([1, 2]))).predictions).toEqual([2, 4]);
});

test("an unknown protocol is refused with those that there are", async () => {
  const error = await inferenceErrorOf(createPredictor("demo", { protocol: "v3" as PredictorProtocol }));
  expect(error).toMatchObject({
    code: "invalid_argument",
    message: expect.stringMatching(/one of v1, v2, .*auto, got .v3./),
  });
});
