import { readFileSync, writeFileSync } from "node:fs";
import { MANIFEST_FLAGS } from "../../src/cli/manifest/manifest-flags.ts";
import type { FlagTable } from "../../src/contract/flag.ts";
import { NEIGHBOUR_CHECKS } from "../../src/manifest/checks/beside/neighbour-checks.ts";
import { GRAPH_CHECKS } from "../../src/manifest/checks/graph/graph-checks.ts";
import { SERVICE_CHECKS } from "../../src/manifest/checks/service/service-checks.ts";
import { RUNTIMES } from "../../src/manifest/runtimes.ts";

const page = new URL("../../docs/manifests.md", import.meta.url);
const transcript = readFileSync(new URL("../fixtures/manifests/transcript.txt", import.meta.url), "utf8");

/** UPDATE_DOCS=1 writes the tables instead of comparing them. */
const isUpdating = Boolean(process.env["UPDATE_DOCS"]);

const FLAGS: FlagTable = MANIFEST_FLAGS;

test.each([
  ["runtimes", formatRuntimes()],
  ["manifest-flags", formatFlags()],
  ["checks", formatChecks()],
])("the table %s of docs/manifests.md is what the code does", (name, table) => {
  const text = readFileSync(page, "utf8");
  const updated = text.replace(
    new RegExp(`(<!-- ${name} -->\n)[^]*(<!-- /${name} -->)`),
    (_match, start, end) => `${start}${table}\n${end}`,
  );
  if (isUpdating) writeFileSync(page, updated);
  else expect(text).toBe(updated);
});

function formatRuntimes(): string {
  return formatTable(
    ["runtime", "`--predictor`", "protocols, the default first"],
    RUNTIMES.map(({ name, formats, protocols, onlyByName = [] }) => [
      `\`${name}\``,
      Object.entries(formats)
        .map(
          ([format, versions]) => `${format} ${versions.join(", ")}${onlyByName.includes(format) ? " (by name)" : ""}`,
        )
        .join("; "),
      protocols.length === 0 ? "OpenAI's" : protocols.join(", "),
    ]),
  );
}

function formatFlags(): string {
  return formatTable(
    ["flag", "default", "meaning"],
    Object.entries(FLAGS).map(([name, { default: value, description, choices }]) => [
      `\`--${name}\``,
      value === undefined ? "" : `\`${value}\``,
      choices === undefined
        ? description
        : `${description} One of ${choices.map((choice) => `\`${choice}\``).join(", ")}.`,
    ]),
  );
}

/** Each check with the first sentence of the transcript that it said. */
function formatChecks(): string {
  return formatTable(
    ["check", "for example"],
    [SERVICE_CHECKS, GRAPH_CHECKS, ...Object.values(NEIGHBOUR_CHECKS)].flatMap(Object.keys).map((name) => {
      const line = transcript.split("\n").find((text) => text.endsWith(` [${name}]`)) ?? "";
      const [, severity, message = ""] = /^\S+: (error|warning): (.*) \[[a-z-]+\]$/.exec(line) ?? [];
      const sentence = message.replace(/^(spec|metadata|apiVersion)[^\s:]*(\["[^"]*"\])?: /, "").replaceAll("|", "\\|");
      return [`\`${name}\``, `${severity}: ${sentence}`];
    }),
  );
}

function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
