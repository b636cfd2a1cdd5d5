import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("../../docs/reliability.md", import.meta.url));

/** A row of a table: what must be seen again, and what was measured when the page was written. */
export interface PageRow {
  readonly seen: readonly string[];
  readonly measured?: readonly string[];
}

/**
 * Writes a table between its marks in docs/reliability.md where `UPDATE_DOCS=1`; else fails when the page says otherwise.
 * Measured columns come last and are not compared.
 */
export function expectOnPage(
  mark: string,
  columns: { readonly seen: readonly string[]; readonly measured?: readonly string[] },
  rows: readonly PageRow[],
): void {
  const [open, close] = [`<!-- ${mark} -->\n`, `\n<!-- /${mark} -->`];
  const page = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "# Reliability\n";
  const start = page.indexOf(open);
  const text = start < 0 ? `${page}\n${open}${close}\n` : page;
  const from = text.indexOf(open) + open.length;
  const to = text.indexOf(close);
  const measured = columns.measured ?? [];
  if (process.env["UPDATE_DOCS"] === "1") {
    const all = [...columns.seen, ...measured];
    const lines = [all, all.map(() => "---"), ...rows.map((row) => [...row.seen, ...(row.measured ?? [])])];
    writeFileSync(PAGE, text.slice(0, from) + lines.map(formatRow).join("\n") + text.slice(to));
    return;
  }
  const written = text.slice(from, to).split("\n").slice(2);
  const kept = written.map((line) => formatRow(parseRow(line).slice(0, columns.seen.length)));
  expect(kept).toEqual(rows.map(({ seen }) => formatRow(seen)));
}

function formatRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function parseRow(line: string): string[] {
  return line
    .slice(2, -2)
    .split(/ (?<!\\)\| /)
    .map((cell) => cell.replaceAll("\\|", "|"));
}
