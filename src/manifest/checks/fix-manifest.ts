import { type CheckResult, checkManifest } from "./check-manifest.ts";
import type { Edit } from "./field.ts";
import type { Finding } from "./finding.ts";
import type { ServiceSurroundings } from "./service/service.ts";

export interface FixedManifest {
  /** The file's text with the edits; every other character as it was. */
  readonly text: string;
  /** What was changed, in the order of the changes; lines are those of the text that it was found in. */
  readonly fixed: readonly Finding[];
  /** What is found in the fixed text. */
  readonly result: CheckResult;
}

/** One edit may bring up the next finding: a renamed field is then read. More rounds than fields deep are none of theirs. */
const MAX_ROUNDS = 10;

/** Makes the changes that findings name where only one can be meant, and leaves everything else as it is written. */
export function fixManifest(text: string, surroundings: ServiceSurroundings = {}): FixedManifest {
  const fixed: Finding[] = [];
  let current = text;
  let result = checkManifest(current, surroundings);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const taken = selectFixes(result.findings);
    const next = applyEdits(current, taken);
    if (next === current) break;
    const after = checkManifest(next, surroundings);
    // An edit that breaks the file for the reader of YAML would be our fault, and costs the user a file.
    if (after.findings.some(({ check }) => check === "yaml")) break;
    fixed.push(...taken);
    current = next;
    result = after;
  }
  return { text: current, fixed, result };
}

interface Fix extends Finding {
  readonly edit: Edit;
}

/** Those that do not touch each other's text, the first of two that do. */
function selectFixes(findings: readonly Finding[]): readonly Fix[] {
  const taken: Fix[] = [];
  for (const finding of findings) {
    const { edit } = finding;
    if (edit === undefined || taken.some((other) => edit.start < other.edit.end && other.edit.start < edit.end))
      continue;
    taken.push({ ...finding, edit });
  }
  return taken;
}

function applyEdits(text: string, fixes: readonly Fix[]): string {
  const edits = fixes.map(({ edit }) => edit).sort((a, b) => b.start - a.start);
  return edits.reduce(
    (whole, { start, end, text: written }) => whole.slice(0, start) + written + whole.slice(end),
    text,
  );
}
