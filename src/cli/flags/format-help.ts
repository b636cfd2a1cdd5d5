import type { Flag, FlagTable } from "../../contract/flag.ts";
import { SERVE_FLAGS } from "../../contract/flags.ts";
import { OWN_FLAG_GROUPS } from "../../contract/own-flags.ts";
import type { Command } from "../command.ts";

const WIDTH = 44;

const KSERVE_GROUP = "KServe's flags";

/**
 * The help of one command: usage, summary, flags with their defaults. A command with common flags shows those alone, and
 * the whole of them, by subject, on `--help --all`.
 */
export function formatHelp(name: string, command: Command, { all = false }: { readonly all?: boolean } = {}): string {
  const lines = [`Usage: kserve-transformer ${name} ${command.usage}`, "", command.summary];
  const { flags, commonFlags } = command;
  if (commonFlags === undefined) lines.push(...formatSection(FLAGS_HEAD, flags), ...formatNoted(flags));
  else if (all) lines.push(...formatGroups(name, flags), ...formatNoted(flags));
  else
    lines.push(
      ...formatSection("Common flags:", pick(flags, commonFlags)),
      "",
      `${name} --help --all shows all flags.`,
    );
  if (command.examples !== undefined) lines.push("", "Examples:", ...command.examples.map((example) => `  ${example}`));
  return `${lines.join("\n")}\n`;
}

const FLAGS_HEAD = "Flags (- and _ are the same, --flag value and --flag=value too):";

function pick(flags: FlagTable, names: readonly string[]): FlagTable {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => names.includes(name)));
}

/** What is in no group of our own flags is KServe's; what `serve` does not have is the command's. */
function formatGroups(command: string, flags: FlagTable): string[] {
  const grouped = new Set(Object.values(OWN_FLAG_GROUPS).flatMap((group) => Object.keys(group)));
  const names = Object.keys(flags);
  const isOwn = (name: string): boolean => !Object.hasOwn(SERVE_FLAGS, name);
  const others = names.filter((name) => !grouped.has(name) && !isOwn(name));
  return [
    ["", "- and _ are the same, and so are --flag value and --flag=value."],
    formatSection(`Flags of ${command}:`, pick(flags, names.filter(isOwn))),
    formatSection(`${KSERVE_GROUP}:`, pick(flags, others)),
    ...Object.entries(OWN_FLAG_GROUPS).map(([title, group]) =>
      formatSection(`${title}:`, pick(flags, Object.keys(group))),
    ),
  ].flat();
}

function formatSection(title: string, flags: FlagTable): string[] {
  const works = Object.entries(flags).filter(([, flag]) => flag.noted === undefined);
  return works.length === 0 ? [] : ["", title, ...formatFlags(works)];
}

function formatNoted(flags: FlagTable): string[] {
  const noted = Object.entries(flags).filter(([, flag]) => flag.noted !== undefined);
  if (noted.length === 0) return [];
  return ["", "Accepted without effect:", ...noted.map(([flag, { noted: why }]) => row(flag, why ?? ""))];
}

function formatFlags(flags: readonly (readonly [string, FlagTable[string]])[]): string[] {
  return flags.map(([name, flag]) => row(`${name}${placeholder(flag)}`, `${flag.description}${suffix(flag)}`));
}

function row(flag: string, text: string): string {
  const head = `  --${flag}`;
  return head.length < WIDTH ? head.padEnd(WIDTH) + text : `${head}\n${" ".repeat(WIDTH)}${text}`;
}

function placeholder(flag: Flag): string {
  switch (flag.type) {
    case "boolean":
      return "";
    case "choice":
      return ` ${flag.choices?.join("|")}`;
    case "list":
      return " A,B,…";
    case "text":
      return " TEXT";
    default:
      return " N";
  }
}

function suffix(flag: Flag): string {
  const parts: string[] = [];
  if (flag.default !== undefined) parts.push(`default ${flag.default}`);
  if (flag.environment !== undefined) parts.push(`env ${flag.environment.join(", ")}`);
  if (flag.alias !== undefined) parts.push(`also --${flag.alias}`);
  return parts.length === 0 ? "" : ` (${parts.join("; ")})`;
}
