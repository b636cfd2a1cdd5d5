import { createServer } from "node:net";
import { compareVersions } from "../../compare-versions.ts";
import { error, type Finding, ok, skipped, warning } from "../finding.ts";
import { readCgroupLimits } from "./cgroup.ts";

/** The machine as the process sees it. */
export interface Machine {
  /** Without the v: 20.19.0. */
  readonly nodeVersion: string;
  /** What package.json asks for: >=20.19. */
  readonly nodeRange: string;
  readonly memoryBytes: number;
  /** The heap that Node allows itself. */
  readonly heapBytes: number;
  /** Threads for pictures where no flag says otherwise. */
  readonly imageThreads: number;
  /** Where the kernel tells of limits: /sys/fs/cgroup. */
  readonly cgroupFolder: string;
  /** @throws what an import throws. */
  readonly importPackage: (name: string) => Promise<unknown>;
}

const MIB = 1024 * 1024;
const LEAST_MEMORY = 256 * MIB;

/** Node, the native packages, memory, processors, and the ports that a server would take. */
export async function examineMachine(
  machine: Machine,
  host: string | undefined,
  ports: readonly number[],
): Promise<Finding[]> {
  const packages = [examineSharp(machine), examineOnnx(machine)];
  const found = [examineNode(machine), ...(await Promise.all(packages)), examineMemory(machine), examineCpus(machine)];
  return [...found, ...(await Promise.all(ports.map((port) => examinePort(host, port))))];
}

function examineNode({ nodeVersion, nodeRange }: Machine): Finding {
  const least = nodeRange.replace(/^[^\d]*/, "");
  if (compareVersions(nodeVersion, least) >= 0) return ok("machine/node", nodeVersion);
  return error(
    "machine/node",
    `${nodeVersion} is older than ${least}`,
    `Install Node ${least} or newer (24 is what the image has), for example with: nvm install 24.`,
  );
}

async function examineSharp({ importPackage }: Machine): Promise<Finding> {
  try {
    await importPackage("sharp");
    return ok("machine/sharp", "loads");
  } catch (thrown) {
    return error(
      "machine/sharp",
      `cannot be loaded, so that no picture can be decoded: ${firstLine(thrown)}`,
      `Install it for this platform: npm install --os=${process.platform} --cpu=${process.arch} sharp; a node_modules from another platform does not work.`,
    );
  }
}

async function examineOnnx({ importPackage }: Machine): Promise<Finding> {
  try {
    await importPackage("onnxruntime-node");
    return ok("machine/onnxruntime", "loads");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") {
      return skipped("machine/onnxruntime", "is not installed; only --predictor onnx:FILE needs it");
    }
    return error(
      "machine/onnxruntime",
      `is installed and cannot be loaded: ${firstLine(thrown)}`,
      "Install it again for this platform: npm install onnxruntime-node; it needs glibc, so no Alpine image.",
    );
  }
}

function examineMemory({ memoryBytes, heapBytes, cgroupFolder }: Machine): Finding {
  const limit = readCgroupLimits(cgroupFolder).memoryBytes;
  const available = Math.min(limit ?? memoryBytes, memoryBytes);
  const said = limit === undefined ? `${mebibytes(available)}, no limit` : `a limit of ${mebibytes(available)}`;
  if (heapBytes > available * 0.9) {
    const heap = Math.floor((available / MIB) * 0.7);
    return error(
      "machine/memory",
      `${said}, and Node takes up to ${mebibytes(heapBytes)} for its heap: the kernel would kill it first`,
      `Set NODE_OPTIONS=--max-old-space-size=${heap}, or give the container more memory (resources.limits.memory).`,
    );
  }
  if (available < LEAST_MEMORY) {
    return warning(
      "machine/memory",
      said,
      "Give the container 256Mi or more (resources.limits.memory); pictures need it.",
    );
  }
  return ok("machine/memory", said);
}

function examineCpus({ imageThreads, cgroupFolder }: Machine): Finding {
  const { cpus } = readCgroupLimits(cgroupFolder);
  if (cpus === undefined) return ok("machine/cpus", `no limit; ${imageThreads} threads for pictures`);
  const threads = Math.max(1, Math.floor(cpus));
  if (imageThreads <= threads) return ok("machine/cpus", `a limit of ${cpus}; ${imageThreads} threads for pictures`);
  return warning(
    "machine/cpus",
    `a limit of ${cpus}, and pictures take ${imageThreads} threads: they would wait for each other`,
    `Serve with --image_threads ${threads}, or raise resources.limits.cpu.`,
  );
}

async function examinePort(host: string | undefined, port: number): Promise<Finding> {
  const code = await listenError(host, port);
  if (code === undefined) return ok("machine/port", `${port} is free`);
  if (code === "EACCES") {
    return error(
      "machine/port",
      `${port} may not be used by this user`,
      "Serve on one from 1024 up: --http_port 8080.",
    );
  }
  if (code === "EADDRINUSE") {
    const finder = `ss -ltnp 'sport = :${port}'`;
    return error(
      "machine/port",
      `${port} is taken`,
      `Serve on another (--http_port), or end what has it; ${finder} shows it.`,
    );
  }
  return error("machine/port", `${port} cannot be listened on (${code})`, "Give --host an address of this machine.");
}

function listenError(host: string | undefined, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (thrown: NodeJS.ErrnoException) => resolve(thrown.code ?? thrown.message));
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => server.close(() => resolve(undefined)));
  });
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}

function firstLine(thrown: unknown): string {
  return (
    String(thrown instanceof Error ? thrown.message : thrown)
      .split("\n")
      .find((line) => line.trim() !== "") ?? ""
  );
}
