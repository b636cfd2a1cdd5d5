import { readFileSync, writeFileSync } from "node:fs";
import { ENVIRONMENT } from "../../src/contract/environment.ts";
import type { Flag, FlagTable } from "../../src/contract/flag.ts";
import { COMMON_FLAGS, SERVE_FLAGS } from "../../src/contract/flags.ts";
import { KSERVE_FLAGS } from "../../src/contract/kserve-flags.ts";
import { OWN_FLAG_GROUPS, OWN_FLAGS } from "../../src/contract/own-flags.ts";

const page = new URL("../../docs/command-line.md", import.meta.url);

/** UPDATE_DOCS=1 writes the tables instead of comparing them. */
const isUpdating = Boolean(process.env["UPDATE_DOCS"]);

test.each([
  ["kserve-flags", formatFlags(KSERVE_FLAGS)],
  ["common-flags", formatFlags(pick(SERVE_FLAGS, COMMON_FLAGS))],
  [
    "own-flags",
    Object.entries(OWN_FLAG_GROUPS)
      .map(([title, table]) => `### ${title}\n\n${formatFlags(table)}`)
      .join("\n\n"),
  ],
  [
    "environment",
    formatTable(
      ["variable", "meaning"],
      Object.entries(ENVIRONMENT).map(([name, text]) => [`\`${name}\``, text]),
    ),
  ],
])("the table %s of docs/command-line.md is what the code does", (name, table) => {
  const text = readFileSync(page, "utf8");
  const updated = text.replace(
    new RegExp(`(<!-- ${name} -->\n)[^]*(<!-- /${name} -->)`),
    (_match, start, end) => `${start}${table}\n${end}`,
  );
  if (isUpdating) writeFileSync(page, updated);
  else expect(text).toBe(updated);
});

test("every variable that stands in for a flag is in the table of the environment", () => {
  const table: FlagTable = { ...KSERVE_FLAGS, ...OWN_FLAGS };
  const names = Object.values(table).flatMap(({ environment }) => environment ?? []);
  expect(names.filter((name) => !(name in ENVIRONMENT))).toEqual([]);
});

function formatFlags(table: FlagTable): string {
  return formatTable(
    ["flag", "default", "meaning"],
    Object.entries(table).map(([name, flag]) => [`\`--${name}\``, formatDefault(flag), formatMeaning(flag)]),
  );
}

function pick(table: FlagTable, names: readonly string[]): FlagTable {
  return Object.fromEntries(Object.entries(table).filter(([name]) => names.includes(name)));
}

function formatDefault({ default: value }: Flag): string {
  return value === undefined ? "" : `\`${value}\``;
}

function formatMeaning({ description, choices, alias, environment, noted }: Flag): string {
  const parts = [description];
  if (choices !== undefined) parts.push(`One of ${choices.map((choice) => `\`${choice}\``).join(", ")}.`);
  if (alias !== undefined) parts.push(`Also \`--${alias}\`.`);
  if (environment !== undefined) parts.push(`Environment: ${environment.map((name) => `\`${name}\``).join(", ")}.`);
  if (noted !== undefined) parts.push(`**Accepted without effect**: ${noted}.`);
  return parts.join(" ");
}

function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
