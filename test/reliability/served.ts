import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningCommand, startServe } from "../cli/command-process.ts";

/** Answers with its process after 20 to 60 ms, so that requests are in flight at any moment; a header has it burn the CPU. */
const TRANSFORMER = `
import { createTensor } from "kserve-transformer/tensor";
import { Transformer } from "kserve-transformer";

export default class Which extends Transformer {
  async preprocess(request, { requestHeaders }) {
    const block = Number(requestHeaders["x-block-milliseconds"] ?? 0);
    for (const end = Date.now() + block; Date.now() < end; );
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 40));
    return request.reply({ outputs: [createTensor("pid", "INT32", [1], Int32Array.of(process.pid))] });
  }
}
`;

export interface Served extends RunningCommand {
  /** What the first line that matches says; waits for it. */
  log(message: RegExp, from?: number): Promise<Record<string, unknown>>;
}

/** Runs with servers of the command, all of which have ended afterwards. */
export async function withServers<T>(run: (start: (...argv: string[]) => Promise<Served>) => Promise<T>): Promise<T> {
  const cwd = mkdtempSync(join(tmpdir(), "reliability-"));
  writeFileSync(join(cwd, "which.mjs"), TRANSFORMER);
  const servers: RunningCommand[] = [];
  const start = async (...argv: string[]): Promise<Served> => {
    const server = await startServe(["which.mjs", ...argv], { cwd });
    servers.push(server);
    return { ...server, log: (message, from = 0) => findLog(server, message, from) };
  };
  try {
    return await run(start);
  } finally {
    for (const server of servers) server.kill("SIGKILL");
    await Promise.all(servers.map(({ ended }) => ended));
    rmSync(cwd, { recursive: true });
  }
}

async function findLog(server: RunningCommand, message: RegExp, from: number): Promise<Record<string, unknown>> {
  for (;;) {
    const line = server
      .logs()
      .slice(from)
      .find(({ msg }) => message.test(String(msg)));
    if (line !== undefined) return line;
    await soon();
  }
}

/** Until something that another process does has happened. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await soon();
}

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
