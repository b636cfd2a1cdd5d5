import type { Finding } from "./finding.ts";

/** A block for each subject, a line for each finding, and below it the sentence that fixes it. */
export function formatReport(findings: readonly Finding[], repaired: ReadonlySet<Finding>): string {
  const lines: string[] = [];
  let last: string | undefined;
  for (const finding of findings) {
    const [subject = "", check = ""] = finding.check.split("/");
    if (subject !== last) lines.push(...(last === undefined ? [] : [""]), subject);
    last = subject;
    lines.push(`  ${finding.state.padEnd(8)} ${check.padEnd(12)} ${finding.message}`);
    if (finding.fix !== undefined) {
      lines.push(`  ${" ".repeat(21)} ${repaired.has(finding) ? "fixed" : "fix"}: ${finding.fix}`);
    }
  }
  const count = (state: Finding["state"], noun: string): string => {
    const number = findings.filter((finding) => finding.state === state && !repaired.has(finding)).length;
    return `${number} ${noun}${number === 1 ? "" : "s"}`;
  };
  const counts = [count("error", "error"), count("warning", "warning")];
  if (repaired.size > 0) counts.push(`${repaired.size} fixed`);
  const isRepairable = findings.some((finding) => finding.repair !== undefined && !repaired.has(finding));
  return `${lines.join("\n")}\n\n${counts.join(", ")}${isRepairable ? "; --fix makes the safe ones" : ""}\n`;
}

/** The same as data; what was fixed says so. */
export function toReportJson(findings: readonly Finding[], repaired: ReadonlySet<Finding>): string {
  const rows = findings.map((finding) => {
    const { repair, ...row } = finding;
    return { ...row, ...(repair === undefined ? {} : { repairable: true, fixed: repaired.has(finding) }) };
  });
  return `${JSON.stringify({ findings: rows }, null, 2)}\n`;
}
