import { move } from "piscina";
import { importTask } from "./call-module.ts";
import { type TaskOutcome, toFailure, transferableBuffers } from "./task-outcome.ts";

/** What a thread of the pool is told. */
export interface Task {
  readonly module: string;
  readonly input: unknown;
}

/** The tasks of this thread, by module. */
const imported = new Map<string, ReturnType<typeof importTask>>();

/** Runs in a thread of the pool. */
export async function runTask({ module, input }: Task): Promise<unknown> {
  let outcome: TaskOutcome;
  try {
    let task = imported.get(module);
    if (task === undefined) {
      task = importTask(module);
      imported.set(module, task);
    }
    outcome = { value: await (await task)(input) };
  } catch (error) {
    return { failure: toFailure(error) } satisfies TaskOutcome;
  }
  return move({
    [Symbol.for("Piscina.transferable")]: transferableBuffers(outcome.value),
    [Symbol.for("Piscina.valueOf")]: outcome,
  } as unknown as ArrayBuffer);
}
