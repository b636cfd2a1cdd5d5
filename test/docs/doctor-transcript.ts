import { readFileSync, writeFileSync } from "node:fs";
import { printDoctor } from "../cli/doctor/run-doctor.ts";

const page = new URL("../../docs/doctor.md", import.meta.url);
/** UPDATE_DOCS=1 writes the transcripts instead of comparing them. */
const isUpdating = Boolean(process.env["UPDATE_DOCS"]);

interface Transcript {
  readonly url: string;
  /** What the page shows in place of the server's address. */
  readonly shown: string;
  readonly flags: readonly string[];
  readonly cwd: string;
}

/** The command against this server prints what docs/doctor.md shows between the transcript's marks. */
export async function compareTranscript(name: string, { url, shown, flags, cwd }: Transcript): Promise<void> {
  const { code, text } = await printDoctor([url, ...flags], { cwd });
  const lines = [
    `$ kserve-transformer doctor ${[shown, ...flags].join(" ")}`,
    toShown(text, url, shown),
    "$ echo $?",
    code,
  ];
  const known = readFileSync(page, "utf8");
  const block = new RegExp(`(<!-- transcript ${name} -->\n)[^]*?(<!-- /transcript -->)`);
  expect(known).toMatch(block);
  const updated = known.replace(
    block,
    (_match, head, tail) => `${head}\`\`\`console\n${lines.join("\n")}\n\`\`\`\n${tail}`,
  );
  if (isUpdating) writeFileSync(page, updated);
  else expect(known).toBe(updated);
}

/** Addresses, days and versions are another's each time. */
function toShown(text: string, url: string, shown: string): string {
  return text
    .replaceAll(new URL(url).port, new URL(shown).port)
    .replaceAll(/localhost is [\w.:, ]+/g, "localhost is 127.0.0.1")
    .replaceAll(/\d{4}-\d\d-\d\d/g, "2026-01-31")
    .trimEnd();
}
