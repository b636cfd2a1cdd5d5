import { basename, dirname, join, resolve } from "node:path";
import type { Playground } from "../../playground/playground.ts";
import type { FoundTransformer } from "../transformer/find-transformer.ts";
import type { ServeFlags } from "./predictor-choice.ts";

/** The page, loaded when asked for. */
export async function openPlayground(
  { playground_examples: examples, playground_sources: sources }: ServeFlags,
  { path, shipped }: FoundTransformer,
  cwd: string,
): Promise<Playground> {
  const { createPlayground } = await import("../../playground/playground.ts");
  const folder = dirname(path);
  const paths =
    examples === undefined ? [join(folder, "examples"), join(folder, "request.json")] : [resolve(cwd, examples)];
  return createPlayground({ sources, examples: paths, module: shipped ? undefined : basename(path) });
}
