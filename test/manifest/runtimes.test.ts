import { findRuntimes } from "../../src/manifest/runtimes.ts";

const namesOf = (wish: Parameters<typeof findRuntimes>[0]) => findRuntimes(wish).map(({ name }) => name);

test.each([
  ["KServe's server comes first for scikit-learn", { format: "sklearn" }, ["kserve-sklearnserver", "kserve-mlserver"]],
  ["a version may leave one", { format: "sklearn", version: "0" }, ["kserve-mlserver"]],
  ["a protocol may leave one", { format: "tensorflow", protocol: "grpc-v1" }, ["kserve-tensorflow-serving"]],
  ["Triton takes PyTorch by its name only", { format: "pytorch", protocol: "v2" }, ["kserve-torchserve"]],
  ["by its name it does", { format: "pytorch", runtime: "kserve-tritonserver" }, ["kserve-tritonserver"]],
  ["several nodes are never a guess", { format: "huggingface" }, ["kserve-huggingfaceserver"]],
  ["a server without a protocol takes any", { format: "vLLM", protocol: "v2" }, ["kserve-vllmserver"]],
  ["nobody speaks everything", { format: "mlflow", protocol: "v1" }, []],
] as const)("%s", (_name, wish, names) => {
  expect(namesOf(wish)).toEqual(names);
});
