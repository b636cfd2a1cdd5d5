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
  const folder = examples === undefined ? join(dirname(path), "examples") : resolve(cwd, examples);
  return createPlayground({ sources, examples: folder, module: shipped ? undefined : basename(path) });
}
