import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { error, type Finding, ok, skipped, warning } from "../finding.ts";
import type { ProjectOptions } from "./project-options.ts";

/** A compiler that takes longer says nothing here. */
const TIMEOUT_MS = 120_000;

/** The project's own compiler over its own tsconfig.json. */
export async function examineTypes({ folder, env, signal }: ProjectOptions): Promise<Finding[]> {
  if (!existsSync(join(folder, "tsconfig.json"))) {
    const fix = "Write one: kserve-transformer init in another folder shows it.";
    return existsSync(join(folder, "transformer.ts"))
      ? [warning("project/types", "there is no tsconfig.json", fix)]
      : [];
  }
  const compiler = join(folder, "node_modules/typescript/bin/tsc");
  if (!existsSync(compiler)) {
    return [
      skipped("project/types", "typescript is not installed here", "Install it: npm install --save-dev typescript."),
    ];
  }
  const { code, text } = await run([compiler, "--noEmit", "--pretty", "false", "-p", folder], env, signal);
  if (code === 0) return [ok("project/types", "fit")];
  const faults = text.split("\n").filter((line) => /error TS\d+/.test(line));
  const [first = text.trim().split("\n")[0] ?? ""] = faults;
  return [
    error("project/types", `${faults.length} do not fit: ${first.trim()}`, "Fix them; npx tsc --noEmit lists all."),
  ];
}

async function run(
  argv: readonly string[],
  env: ProjectOptions["env"],
  signal: AbortSignal,
): Promise<{ code: number | null; text: string }> {
  const bound = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const child = spawn(process.execPath, argv, { env, signal: bound, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
  const failed = once(child, "error").then(([thrown]) => [null, String(thrown)] as const);
  const [code] = await Promise.race([once(child, "close"), failed]);
  return { code, text };
}
