import type { Flag, FlagTable } from "../contract/flag.ts";
import type { Command } from "./command.ts";

const WIDTH = 44;

/** The help of one command: usage, summary, every flag with its default. */
export function formatHelp(name: string, command: Command): string {
  const lines = [`Usage: kserve-transformer ${name} ${command.usage}`, "", command.summary];
  const works = Object.entries(command.flags).filter(([, flag]) => flag.noted === undefined);
  const noted = Object.entries(command.flags).filter(([, flag]) => flag.noted !== undefined);
  if (works.length > 0)
    lines.push("", "Flags (- and _ are the same, --flag value and --flag=value too):", ...formatFlags(works));
  if (noted.length > 0)
    lines.push("", "Accepted without effect:", ...noted.map(([flag, { noted: why }]) => row(flag, why ?? "")));
  if (command.examples !== undefined) lines.push("", "Examples:", ...command.examples.map((example) => `  ${example}`));
  return `${lines.join("\n")}\n`;
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
