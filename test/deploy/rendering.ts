import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ValidateFunction } from "ajv";
import { parseAllDocuments } from "yaml";
import { checkManifest } from "../../src/manifest/checks/check-manifest.ts";
import { compileStrict, hasReference, readSpecSchema } from "../manifest/shared-reference.ts";

export const deploy: string = fileURLToPath(new URL("../../deploy/", import.meta.url));

/** A program on the path or in .cache/bin, where `GOBIN=$PWD/.cache/bin go install …` puts it. */
export function findProgram(name: string): string | undefined {
  const folders = [
    fileURLToPath(new URL("../../.cache/bin", import.meta.url)),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Record<string, string>;
  };
  readonly spec: Record<string, unknown>;
  readonly [member: string]: unknown;
}

export function readObjects(rendering: string): readonly KubernetesObject[] {
  return parseAllDocuments(rendering, { version: "1.1" })
    .map((document) => document.toJS())
    .filter((object) => object !== null);
}

export function findObject(objects: readonly KubernetesObject[], kind: string): KubernetesObject {
  const found = objects.find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`no ${kind} among ${objects.map((object) => object.kind).join(", ")}`);
  return found;
}

let validate: ValidateFunction | undefined;

/** What `check` finds, and what KServe's schema refuses where this machine has it. */
export function problemsOf(rendering: string): readonly string[] {
  const { services, findings } = checkManifest(rendering);
  const said = findings.map(({ path, message }) => `${path}: ${message}`);
  if (services !== 1) said.push(`${services} InferenceServices`);
  if (!hasReference) return said;
  validate ??= compileStrict(readSpecSchema());
  const { spec } = findObject(readObjects(rendering), "InferenceService");
  if (validate(spec)) return said;
  return [...said, ...(validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)];
}
