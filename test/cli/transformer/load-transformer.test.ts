import { fileURLToPath } from "node:url";
import { loadTransformer } from "../../../src/cli/transformer/load-transformer.ts";

test("the hooks of a transformer are named in the order of a request, those of completions too", async () => {
  const path = fileURLToPath(new URL("./every-hook.ts", import.meta.url));
  const { hooks } = await loadTransformer(
    { path, label: "every-hook.ts", shipped: true, env: {} },
    { env: {} },
    "/work",
  );
  expect(hooks).toEqual([
    "load",
    "ready",
    "createState",
    "preprocess",
    "predict",
    "explain",
    "postprocess",
    "preprocessCompletion",
    "postprocessCompletion",
    "postprocessChunk",
    "close",
  ]);
});
