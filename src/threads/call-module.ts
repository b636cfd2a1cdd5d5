import { fileURLToPath } from "node:url";
import { InferenceError } from "../errors.ts";
import { importModule, type ModuleNamespace } from "./import-module.ts";
import { packageRoot } from "./package-entries.ts";

type TaskFunction = (input: unknown) => unknown;

/** The default export of a module of ours or of a user's, which may be TypeScript and asks for this package by name. */
export async function importTask(url: string): Promise<TaskFunction> {
  return taskOf(url, isOurs(url) ? await import(url) : await importModule(toPath(url)));
}

/** The same on the event loop, where a user's module could be imported, and so the way to this package is known. */
export async function importTaskHere(url: string): Promise<TaskFunction> {
  const path = toPath(url);
  try {
    return taskOf(url, await import(url));
  } catch (error) {
    if ((error as { readonly code?: string }).code !== "ERR_UNKNOWN_FILE_EXTENSION") throw error;
    return taskOf(url, await importModule(path));
  }
}

function isOurs(url: string): boolean {
  return url.startsWith(packageRoot().href);
}

function toPath(url: string): string {
  if (url.startsWith("file:")) return fileURLToPath(url);
  throw new InferenceError(`expected the file: URL of a module, got ${url}`, { code: "internal" });
}

function taskOf(url: string, namespace: ModuleNamespace): TaskFunction {
  const task = namespace["default"];
  if (typeof task === "function") return task as TaskFunction;
  throw new InferenceError(`${url}: expected a function as default export, got ${typeof task}`, { code: "internal" });
}
