import { setImmediate } from "node:timers/promises";
import { createPredictor } from "../../predictor/create-predictor.ts";
import { prepareImport } from "../../threads/import-module.ts";
import type { CommandContext } from "../command.ts";
import { resolvePredictorChoice, type ServeFlags } from "../serve/predictor-choice.ts";
import { findTransformer } from "../transformer/find-transformer.ts";
import { findSources } from "./find-sources.ts";

/**
 * Loads what a version of a module needs beside the module itself, so that a restart does not wait for it; stops between two
 * steps once the version is asked for. What fails here fails again when the version starts, and is told there.
 */
export async function loadAhead(
  word: string | undefined,
  flags: ServeFlags,
  { cwd, env }: CommandContext,
  asked: AbortSignal,
): Promise<void> {
  const steps = [
    async () => {
      if (flags.enable_playground) await import("../../playground/playground.ts");
    },
    async () => {
      const choice = resolvePredictorChoice(flags, env, cwd);
      // An embedded model is read at each start, in a thread of its own: its file may be another one by then.
      if (choice !== undefined && !choice.target.startsWith("onnx:"))
        await (await createPredictor(choice.target, choice.options)).close();
    },
    async () => prepareImport(findSources(findTransformer(word, cwd).path)),
  ];
  for (const step of steps) {
    // A message that came during the step before is read first.
    await setImmediate();
    if (asked.aborted) return;
    await step().catch(() => undefined);
  }
}
