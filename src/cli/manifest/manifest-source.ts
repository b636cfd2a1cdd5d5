import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { SERVICE_NAME } from "../../contract/names.ts";
import { invalidArgument } from "../../errors.ts";
import type { TensorSpec } from "../../tensor/tensor.ts";
import { findSources } from "../dev/find-sources.ts";
import { findTransformer } from "../transformer/find-transformer.ts";
import { loadTransformer } from "../transformer/load-transformer.ts";

/** What a transformer's own file says about its service. */
export interface ManifestSource {
  /** Of the file, or of its folder where the file has the name that every one has; undefined where that is no service's name. */
  readonly name: string | undefined;
  /** Lines for the head of the manifest, without `#`. */
  readonly comments: readonly string[];
}

/**
 * Makes the transformer of FILE as the server does, with the environment that the manifest gives it, and reads what it is.
 * @throws InferenceError when there is no transformer, or it cannot be made with this environment: the message names the
 *   variables that it reads.
 */
export async function readManifestSource(
  file: string,
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<ManifestSource> {
  const found = findTransformer(file, cwd);
  const reads = new Set(found.shipped ? [] : findEnvironmentReads(found.path));
  const watched = new Proxy<Readonly<Record<string, string | undefined>>>(env, {
    get(target, name) {
      if (typeof name === "string") reads.add(name);
      return Reflect.get(target, name);
    },
  });
  const missing = (): string[] => [...reads].filter((name) => env[name] === undefined).sort();
  const { hooks, inputs, outputs } = await loadTransformer(found, { env: watched }, cwd).catch((cause: unknown) => {
    const names = missing();
    const text = cause instanceof Error ? cause.message : String(cause);
    if (names.length === 0) throw cause;
    throw invalidArgument(`${text}; it reads ${names.join(", ")}: give what it needs with --env NAME=VALUE`);
  });
  const comments = [
    `${found.label}: ${hooks.length === 0 ? "no hooks" : hooks.join(", ")}`,
    ...describe("inputs", inputs),
    ...describe("outputs", outputs),
    ...missing().map((name) => `reads ${name}, which is not set here: --env ${name}=VALUE`),
  ];
  return { name: nameOf(found.path), comments };
}

function describe(what: string, specs: readonly TensorSpec[] | undefined): string[] {
  if (specs === undefined) return [];
  return [`${what}: ${specs.map(({ name, datatype, shape }) => `${name} ${datatype}[${shape.join(",")}]`).join(", ")}`];
}

function nameOf(path: string): string | undefined {
  const file = basename(path).replace(/\.[a-z]+$/, "");
  const own = /^(transformer|index|main)$/.test(file) ? basename(dirname(path)) : file;
  const name = own.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return SERVICE_NAME.test(name) ? name : undefined;
}

const READ = /\benv(?:\.([A-Z][A-Z0-9_]*)\b|\[\s*["'`]([A-Z][A-Z0-9_]*)["'`]\s*\])/g;

/** Names read from `env` or `process.env` in the code of a module and of what it imports by relative paths. */
function findEnvironmentReads(path: string): string[] {
  return [...findSources(path)]
    .filter((source) => /\.[mc]?[jt]s$/.test(source))
    .flatMap((source) => [...readFileSync(source, "utf8").matchAll(READ)])
    .map(([, dotted, quoted]) => dotted ?? quoted ?? "");
}
