import { readdirSync } from "node:fs";
import { findMisspeltHooks } from "../../../transformer/misspelt-hooks.ts";
import { describeThrown } from "../../transformer/describe-thrown.ts";
import { findTransformer } from "../../transformer/find-transformer.ts";
import { loadTransformer } from "../../transformer/load-transformer.ts";
import { error, type Finding, ok, skipped, warning } from "../finding.ts";
import { examineDockerfile } from "./examine-dockerfile.ts";
import { examineManifests } from "./examine-manifests.ts";
import { examinePackage } from "./examine-package.ts";
import { examineTypes } from "./examine-types.ts";
import type { ProjectOptions } from "./project-options.ts";

/** The project in a folder: its transformer, package.json, types, tests, image and manifests; nothing where there is none. */
export async function examineProject(options: ProjectOptions): Promise<Finding[]> {
  const { folder } = options;
  const names = readdirSync(folder);
  const isProject = names.some((name) => name === "package.json" || /^transformer\.[mc]?[tj]s$/.test(name));
  if (!isProject) return [skipped("project/transformer", "no package.json and no transformer.ts in this folder")];
  const { findings, path } = await examineTransformer(options, names);
  return [
    ...findings,
    ...examinePackage(folder, path),
    ...(await examineTypes(options)),
    ...examineTests(names),
    ...examineDockerfile(folder),
    ...examineManifests(folder, names),
  ];
}

/** `transformer.ts` where there is one, since projects have other modules beside it. */
async function examineTransformer(
  { folder, env }: ProjectOptions,
  names: readonly string[],
): Promise<{ findings: readonly Finding[]; path: string | undefined }> {
  const check = "project/transformer";
  const word = env["TRANSFORMER"] || names.find((name) => /^transformer\.m?[tj]s$/.test(name));
  let path: string | undefined;
  try {
    const found = findTransformer(word, folder);
    if (!found.shipped) path = found.path;
    const { source, hooks } = await loadTransformer(found, { env: { ...env, ...found.env } }, folder);
    const misspelt = findMisspeltHooks(await source());
    if (misspelt.length > 0) {
      const findings = misspelt.map((fault) => error(check, `${found.label}: ${fault}`, "Rename the method."));
      return { findings, path };
    }
    return { findings: [ok(check, `${found.label} (${hooks.join(", ") || "no hooks"})`)], path };
  } catch (thrown) {
    if (isPackageFault(thrown)) {
      return { findings: [skipped(check, "Node imports nothing beside a package.json that is none")], path };
    }
    const fix =
      path === undefined
        ? "Name the module in TRANSFORMER, or call it transformer.ts."
        : "Fix what the message names; kserve-transformer dev shows it with its lines.";
    return { findings: [error(check, describeThrown(thrown, folder), fix)], path };
  }
}

/** Newer versions of Node read package.json at each import; what is wrong with it is another check's to say. */
function isPackageFault(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  return (thrown as NodeJS.ErrnoException).code === "ERR_INVALID_PACKAGE_CONFIG" || isPackageFault(thrown.cause);
}

function examineTests(names: readonly string[]): Finding[] {
  const tests = names.filter((name) => /\.(test|spec)\.[mc]?[tj]s$/.test(name) || name === "test" || name === "tests");
  if (tests.length > 0) return [ok("project/tests", tests.join(", "))];
  const fix =
    "Write transformer.test.ts with testTransformer from kserve-transformer/testing: its checks are those of the server.";
  return [warning("project/tests", "there are none", fix)];
}
