import { command } from "../../../src/cli/commands/doctor.ts";
import type { Finding } from "../../../src/cli/doctor/finding.ts";

export interface DoctorRun {
  readonly code: number;
  readonly findings: readonly (Omit<Finding, "repair"> & { readonly fixed?: boolean })[];
}

export interface DoctorPlace {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The command in this process, its findings as data. */
export async function runDoctor(argv: readonly string[], place: DoctorPlace = {}): Promise<DoctorRun> {
  const { code, text } = await printDoctor([...argv, "--json"], place);
  return { code, ...(JSON.parse(text) as Pick<DoctorRun, "findings">) };
}

/** What it prints for people. */
export async function printDoctor(
  argv: readonly string[],
  { cwd = process.cwd(), env = process.env }: DoctorPlace = {},
): Promise<{ readonly code: number; readonly text: string }> {
  let text = "";
  const print = (part: string): void => {
    text += part;
  };
  const { signal } = new AbortController();
  return { code: await command.run(argv, { cwd, env, print, warn: print, signal }), text };
}

/** The findings of one check that are not as they should be. */
export function faultsOf({ findings }: DoctorRun): string[] {
  return findings.filter(({ state }) => state === "error" || state === "warning").map(({ check }) => check);
}
