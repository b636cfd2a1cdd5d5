import { readFileSync, writeFileSync } from "node:fs";

const PARITY = new URL("../../../docs/parity.md", import.meta.url);

/**
 * Puts lines into docs/parity.md between `<!-- NAME:begin -->` and `<!-- NAME:end -->`; a file that says the same stays untouched.
 * @throws Error when the file has no such place.
 */
export function writeDocTable(name: string, lines: readonly string[]): void {
  const { text, from, to } = placeOf(name);
  const written = `${text.slice(0, from)}\n\n${lines.join("\n")}\n\n${text.slice(to)}`;
  if (written !== text) writeFileSync(PARITY, written);
}

/** The lines that stand there. */
export function readDocTable(name: string): string[] {
  const { text, from, to } = placeOf(name);
  return text.slice(from, to).trim().split("\n");
}

function placeOf(name: string): { readonly text: string; readonly from: number; readonly to: number } {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const text = readFileSync(PARITY, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`docs/parity.md has no place between ${begin} and ${end}`);
  return { text, from: from + begin.length, to };
}
