import { execFileSync, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const runImage = fileURLToPath(new URL("run-image.sh", import.meta.url));

/**
 * What builds and runs images here: docker or podman, else buildah with a script that starts an image without an engine. Containers
 * use the machine's network, have a read-only root, no capabilities, one CPU and 256 MiB, and get exactly the arguments that are
 * given.
 */
export function findContainerEngine() {
  for (const program of ["docker", "podman"]) if (works(program, "info")) return dockerLike(program);
  if (works("buildah", "--version")) return buildah();
  throw new Error("expected docker, podman or buildah, able to run");
}

/** A docker client may be there without its daemon. */
function works(program, word) {
  return spawnSync(program, [word], { stdio: "ignore" }).status === 0;
}

function dockerLike(program) {
  return {
    build: (tag, folder, target) =>
      execFileSync(program, ["build", ...targetFlags(target), "-t", tag, folder], { stdio: "inherit" }),
    bytes: (tag) => Number(execFileSync(program, ["image", "inspect", "--format", "{{.Size}}", tag])),
    config: (tag) => JSON.parse(execFileSync(program, ["image", "inspect", "--format", "{{json .Config}}", tag])),
    run(tag, argv, env) {
      const variables = Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
      return spawn(program, ["run", "--rm", ...CONFINED, ...variables, tag, ...argv], OUTPUT);
    },
  };
}

function buildah() {
  const inspect = (tag) => JSON.parse(execFileSync("buildah", ["inspect", "--type", "image", tag]));
  return {
    build(tag, folder, target) {
      const flags = ["--isolation", "chroot", "--pull-never", "--layers", ...targetFlags(target)];
      execFileSync("buildah", ["bud", ...flags, "-t", tag, folder], { stdio: "inherit" });
    },
    bytes: (tag) => parseSize(execFileSync("buildah", ["images", "--format", "{{.Size}}", tag], { encoding: "utf8" })),
    config: (tag) => inspect(tag).OCIv1.config,
    run: (tag, argv, env) => {
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      return spawn(runImage, [tag, ...variables, "--", ...argv], OUTPUT);
    },
  };
}

const targetFlags = (target) => (target === undefined ? [] : ["--target", target]);

const CONFINED = [
  "--read-only",
  "--network=host",
  "--cap-drop=ALL",
  "--security-opt=no-new-privileges",
  "--cpus=1",
  "--memory=256m",
];

const OUTPUT = { stdio: ["ignore", "pipe", "pipe"] };

/** `283 MB` in bytes. */
function parseSize(text) {
  const [, number, unit] = /([\d.]+) ?([kMG]?B)/.exec(text);
  return Number(number) * { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[unit];
}
