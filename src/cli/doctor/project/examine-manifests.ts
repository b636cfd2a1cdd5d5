import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkManifest } from "../../../manifest/checks/check-manifest.ts";
import { error, type Finding, ok } from "../finding.ts";

/** KServe's manifests beside the transformer, by `check`. */
export function examineManifests(folder: string, names: readonly string[]): Finding[] {
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), "utf8");
      return text.includes("serving.kserve.io/") ? [judge(name, text)] : [];
    });
}

function judge(name: string, text: string): Finding {
  const faults = checkManifest(text).findings.filter(({ severity }) => severity === "error");
  const [first] = faults;
  if (first === undefined) return ok("project/manifest", `${name} has no errors`);
  const message = `${name}:${first.line}: ${first.message}${faults.length > 1 ? ` (and ${faults.length - 1} more)` : ""}`;
  return error("project/manifest", message, `${first.fix} kserve-transformer check ${name} lists all.`);
}
