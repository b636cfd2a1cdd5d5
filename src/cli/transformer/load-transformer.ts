import { dirname } from "node:path";
import { InferenceError, invalidArgument } from "../../errors.ts";
import { addPeerFolder } from "../../import-peer.ts";
import type { RowSchema } from "../../inference/checks/standard-schema.ts";
import type { TensorSpec } from "../../tensor/tensor.ts";
import { importModule, type ModuleNamespace } from "../../threads/import-module.ts";
import {
  HOOKS,
  Transformer,
  type TransformerFactory,
  type TransformerFactoryOptions,
} from "../../transformer/transformer.ts";
import { describeImportFailure, describeThrown } from "./describe-thrown.ts";
import type { FoundTransformer } from "./find-transformer.ts";

/** A transformer made from a module. */
export interface LoadedTransformer {
  /** Makes the instance that was made to look at it, then new ones: each load of a model has its own. */
  readonly source: () => Promise<Transformer<unknown>>;
  /** The hooks that it has, in the order of a request. */
  readonly hooks: readonly string[];
  /** What it declares that clients send. */
  readonly inputs: readonly TensorSpec[] | undefined;
  /** What it declares that clients get. */
  readonly outputs: readonly TensorSpec[] | undefined;
  /** What it declares that its rows are. */
  readonly rowSchema: RowSchema | undefined;
}

/**
 * Imports a module and makes the transformer that its default export is, or makes: a class, an instance, or a factory that
 * takes `{ env }`.
 * @throws InferenceError: internal when the module throws, invalid_argument when there is no transformer in it; the message
 *   names the file and, where it is known, the line.
 */
export async function loadTransformer(
  found: FoundTransformer,
  options: TransformerFactoryOptions,
  cwd: string,
): Promise<LoadedTransformer> {
  const namespace = await importTransformer(found, cwd);
  const exported = defaultExport(namespace);
  if (!canMake(exported)) throw noTransformer(found.label, namespace, exported);
  const make = async (): Promise<Transformer<unknown>> => {
    let made: unknown;
    try {
      made = await makeTransformer(exported, options);
    } catch (error) {
      const asFactory = isHookLike(exported, error)
        ? `; ${describeValue(exported)} was called with { env }: ${A_HOOK}`
        : "";
      const message = `${found.label} failed to make its transformer: ${describeThrown(error, cwd)}${asFactory}`;
      throw new InferenceError(message, { cause: error });
    }
    if (Transformer.isInstance(made)) return made;
    throw invalidArgument(`${found.label}: its factory gave ${describeValue(made)}; expected a Transformer: ${A_HOOK}`);
  };
  const first = await make();
  let unused: Transformer<unknown> | undefined = first;
  const source = async () => {
    const transformer = unused ?? (await make());
    unused = undefined;
    return transformer;
  };
  return {
    source,
    hooks: HOOKS.filter((hook) => typeof first[hook] === "function"),
    inputs: first.inputs,
    outputs: first.outputs,
    rowSchema: first.rowSchema,
  };
}

/** @throws InferenceError internal for whatever it throws; the message names the file and, where it is known, the line. */
export async function importTransformer(
  { path, label, shipped }: FoundTransformer,
  cwd: string,
): Promise<ModuleNamespace> {
  if (!shipped) addPeerFolder(dirname(path));
  try {
    return shipped ? await import(path) : await importModule(path);
  } catch (error) {
    throw new InferenceError(`${label} cannot be imported: ${await describeImportFailure(error, path, cwd)}`, {
      cause: error,
    });
  }
}

/** A CommonJS module that was compiled from ES syntax has its default export one level down. */
function defaultExport(namespace: ModuleNamespace): unknown {
  const exported = namespace["default"];
  const inner = (exported as { readonly default?: unknown } | null | undefined)?.default;
  return typeof exported === "object" && inner !== undefined ? inner : exported;
}

function canMake(exported: unknown): boolean {
  if (Transformer.isInstance(exported) || Transformer.isClass(exported)) return true;
  return typeof exported === "function" && !isOtherClass(exported);
}

/** A function that works on requests is none that makes a transformer. */
const A_HOOK =
  "a function that takes requests is a hook, so write class NAME extends Transformer { predict(request) { … } }";

/** A function that stumbled over what a factory gets, and never asks for it. */
function isHookLike(exported: unknown, error: unknown): boolean {
  if (Transformer.isInstance(exported) || Transformer.isClass(exported)) return false;
  return error instanceof TypeError && !/\benv\b/.test(Function.prototype.toString.call(exported));
}

function makeTransformer(exported: unknown, options: TransformerFactoryOptions): unknown {
  if (Transformer.isInstance(exported)) return exported;
  return Transformer.isClass(exported) ? new exported() : (exported as TransformerFactory)(options);
}

function isOtherClass(exported: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(exported));
}

function noTransformer(label: string, namespace: ModuleNamespace, exported: unknown): InferenceError {
  const expected =
    "expected a class that extends Transformer, an instance of one, or a function ({ env }) => transformer";
  if (exported === undefined) {
    const names = Object.keys(namespace).filter((name) => name !== "default");
    const others = names.length === 0 ? "it exports nothing" : `it exports ${names.join(", ")}`;
    return invalidArgument(`${label} has no default export (${others}); ${expected}`);
  }
  return invalidArgument(`the default export of ${label} is ${describeValue(exported)}; ${expected}`);
}

function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") {
    const name = value.name === "" || value.name === "default" ? "" : ` ${value.name}`;
    return isOtherClass(value) ? `the class${name}, which does not extend Transformer` : `the function${name}`;
  }
  if (typeof value !== "object") return `a ${typeof value}`;
  const { name } = value.constructor ?? Object;
  if (name !== "Object" && name !== "Array") return `an instance of ${name}, which does not extend Transformer`;
  const keys = Object.keys(value);
  return keys.length === 0 ? "an object" : `an object with ${keys.slice(0, 8).join(", ")}`;
}
