import { LineCounter, parseAllDocuments, type Tags } from "yaml";
import { CHECKS } from "./check-table.ts";
import { Field } from "./field.ts";
import type { Finding } from "./finding.ts";
import { readService, type ServiceSurroundings } from "./service.ts";

export interface CheckResult {
  /** Number of InferenceServices in the file; other objects are passed over. */
  readonly services: number;
  /** By line. */
  readonly findings: readonly Finding[];
}

/**
 * What a cluster with KServe 0.20 would refuse, fail on later, or ignore in silence, in every InferenceService of a YAML
 * file. It knows the manifest only: not the cluster's own runtimes, quotas and policies.
 */
export function checkManifest(text: string, surroundings: ServiceSurroundings = {}): CheckResult {
  const lines = new LineCounter();
  const findings: Finding[] = [];
  let services = 0;
  for (const document of parseAllDocuments(text, {
    version: "1.1",
    customTags: goTags,
    lineCounter: lines,
    prettyErrors: false,
  })) {
    for (const problem of document.errors) {
      const line = lines.linePos(problem.pos[0]).line;
      const message = `The file is no YAML: ${problem.message}.`;
      findings.push({
        severity: "error",
        check: "yaml",
        path: "",
        line,
        message,
        mend: "Mend the indentation, quotes or keys there.",
      });
    }
    const root = Field.root(document, lines);
    if (document.errors.length > 0 || root.at("kind").text !== "InferenceService") continue;
    services += 1;
    const service = readService(root, surroundings);
    for (const [check, run] of Object.entries(CHECKS)) {
      for (const remark of run(service)) findings.push({ check, ...remark });
    }
  }
  return { services, findings: findings.sort((a, b) => a.line - b.line) };
}

/** YAML 1.1 as Go reads it for Kubernetes: yes and on are booleans, but 12:30 and dates are text. */
function goTags(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === "string" || !(tag.format === "TIME" || UNKNOWN_TO_GO.test(tag.tag)));
}

const UNKNOWN_TO_GO = /:(timestamp|set|omap|pairs|binary)$/;
