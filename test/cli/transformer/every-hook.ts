import { HOOKS, Transformer } from "../../../src/transformer/transformer.ts";

/** Has every hook that there is. */
export default class EveryHook extends Transformer {}

for (const hook of HOOKS) Object.defineProperty(EveryHook.prototype, hook, { value: () => undefined });
