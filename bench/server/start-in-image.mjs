/**
 * From the start of `serve` to ready, and the memory of the idle process, in the file systems of images, in alternation: as the
 * image's user, with its variables, each start the first of a container. Needs root, buildah and util-linux, no container engine.
 *
 *     node bench/server/start-in-image.mjs IMAGE…    each has a transformer in /transformer
 */
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

const RUNS = 11;
/** Says when it has mounted what a container has, and becomes the server. */
const CONTAINER = `
  mount --bind "$1" "$1" && mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc"
  [ "$2" = writable ] || mount -o remount,bind,ro "$1"
  echo begins
  exec chroot --userspec=1000:1000 "$1" sh -c 'cd /transformer && exec node /app/dist/src/cli/main.js serve --host 127.0.0.1 \\
    --http_port 0 --predictor_host 127.0.0.1:9 --drain_seconds 0'`;

const kinds = process.argv
  .slice(2)
  .flatMap((image) => ["writable", "read-only"].map((root) => ({ image, root, runs: [] })));
for (let run = 0; run <= RUNS; run++) {
  for (const kind of kinds) {
    const measured = await inContainer(kind);
    // The first start of all reads the image from the disk.
    if (run > 0) kind.runs.push(measured);
  }
}
for (const { image, root, runs } of kinds) {
  console.log(
    `${image}, ${root} root: ${spread(runs, "milliseconds")} ms to ready, ${spread(runs, "megabytes")} MB idle`,
  );
}

async function inContainer({ image, root }) {
  const buildah = (...argv) => execFileSync("buildah", argv, { encoding: "utf8" }).trim();
  const container = buildah("from", "--pull-never", image);
  const folder = buildah("mount", container);
  try {
    return await start(folder, root);
  } finally {
    buildah("rm", container);
  }
}

async function start(folder, root) {
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: "production",
    MALLOC_ARENA_MAX: "2",
    HOME: "/home/node",
  };
  const child = spawn("unshare", ["--mount", "sh", "-c", CONTAINER, "sh", folder, root], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let began = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "begins") began = performance.now();
    if (!line.includes("ready at")) continue;
    const milliseconds = performance.now() - began;
    await delay(500);
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"));
    child.kill();
    await ended;
    return { milliseconds, megabytes: Number(kilobytes) / 1024 };
  }
  throw new Error("the transformer ended before it was ready");
}

/** Median, lowest and highest. */
function spread(runs, key) {
  const sorted = runs.map((run) => run[key]).sort((a, b) => a - b);
  const [median, lowest, highest] = [sorted[Math.floor(sorted.length / 2)], sorted[0], sorted.at(-1)];
  return `${median.toFixed(0)} (${lowest.toFixed(0)}–${highest.toFixed(0)})`;
}
