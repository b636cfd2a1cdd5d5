import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { error, type Finding, ok, skipped, warning } from "../finding.ts";

/** What a build must not copy: another platform's packages, secrets, the history. */
const IGNORED = "node_modules\n.git\n.env*\n*.log\n";

/** The Dockerfile as clusters see it: the user, the base, signals, and what is copied. */
export function examineDockerfile(folder: string): Finding[] {
  const file = join(folder, "Dockerfile");
  if (!existsSync(file)) {
    return [
      skipped(
        "project/dockerfile",
        "there is none",
        "Three lines are enough: FROM kserve-transformer, COPY --chown=1000 . /transformer/, RUN kserve-transformer install.",
      ),
    ];
  }
  const steps = readSteps(readFileSync(file, "utf8"));
  const last = steps.map(({ word }) => word).lastIndexOf("FROM");
  const stage = steps.slice(last);
  const found = [
    ...examineBase(stage),
    ...examineUser(stage),
    ...examineCommand(stage),
    ...examineInstall(stage, folder),
    ...examineIgnored(steps, folder),
  ];
  return found.length > 0 ? found : [ok("project/dockerfile", "base, user, command and what is copied")];
}

interface Step {
  readonly word: string;
  readonly rest: string;
}

/** Instructions with their continued lines joined. */
function readSteps(text: string): Step[] {
  const joined = text.replace(/^\s*#.*$/gm, "").replace(/\\\r?\n/g, " ");
  return joined.split("\n").flatMap((line) => {
    const [, word = "", rest = ""] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(line) ?? [];
    return word === "" ? [] : [{ word: word.toUpperCase(), rest: rest.trim() }];
  });
}

const CHECK = "project/dockerfile";

function examineBase(stage: readonly Step[]): Finding[] {
  const [base = ""] = (stage[0]?.rest ?? "").split(/\s+/).filter((word) => !word.startsWith("--"));
  if (/alpine/.test(base)) {
    return [
      warning(
        CHECK,
        `${base} has musl, for which onnxruntime-node has no library`,
        "Take a base with glibc: node:24-bookworm-slim.",
      ),
    ];
  }
  const isFloating = /:latest$/.test(base);
  return isFloating ? [warning(CHECK, `${base} is another image each day`, "Name a version, or a digest.")] : [];
}

function examineUser(stage: readonly Step[]): Finding[] {
  const user = stage.findLast(({ word }) => word === "USER")?.rest;
  if (user === undefined || !/^(0|root)(:|$)/.test(user)) return [];
  return [
    error(
      CHECK,
      `USER ${user}: clusters that want runAsNonRoot do not start it`,
      "End with USER 1000, a number, which Kubernetes can judge.",
    ),
  ];
}

function examineCommand(stage: readonly Step[]): Finding[] {
  const commands = stage.filter(({ word }) => word === "CMD" || word === "ENTRYPOINT");
  const command = commands.at(-1);
  if (command === undefined) return [];
  if (commands.some(({ rest }) => /\bnpm\b|\bnpx\b|\byarn\b/.test(rest))) {
    return [
      error(
        CHECK,
        `${command.word} starts by npm, which does not take the controller's arguments and ends late`,
        'Write ENTRYPOINT ["kserve-transformer", "serve", "transformer.ts"].',
      ),
    ];
  }
  if (!command.rest.startsWith("[")) {
    return [
      error(
        CHECK,
        `${command.word} in its shell form: SIGTERM reaches the shell and not the server`,
        'Write it as a list: ENTRYPOINT ["kserve-transformer", "serve"].',
      ),
    ];
  }
  return [];
}

function examineInstall(stage: readonly Step[], folder: string): Finding[] {
  const runs = stage.filter(({ word }) => word === "RUN").map(({ rest }) => rest);
  const isWhole = runs.some((run) => /\bnpm (ci|install)\b/.test(run) && !/--omit[= ]dev|--production/.test(run));
  if (isWhole)
    return [
      warning(
        CHECK,
        "npm installs what only development needs",
        "Write RUN kserve-transformer install, or npm ci --omit=dev.",
      ),
    ];
  const { dependencies = {} } = readDependencies(folder);
  const others = Object.keys(dependencies).filter((name) => name !== "kserve-transformer");
  const isInstalled =
    runs.some((run) => /\bnpm (ci|install)\b|kserve-transformer install/.test(run)) ||
    stage.some(({ rest }) => rest.includes("node_modules"));
  if (others.length === 0 || isInstalled) return [];
  return [
    error(
      CHECK,
      `nothing installs ${others.join(", ")} in the image`,
      "Write RUN kserve-transformer install behind the COPY.",
    ),
  ];
}

function readDependencies(folder: string): { readonly dependencies?: Readonly<Record<string, string>> } {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {
    return {};
  }
}

function examineIgnored(steps: readonly Step[], folder: string): Finding[] {
  const copiesAll = steps.some(
    ({ word, rest }) => word === "COPY" && !rest.includes("--from") && /(^|\s)\.\/?\s/.test(rest),
  );
  const file = join(folder, ".dockerignore");
  if (!copiesAll || existsSync(file)) return [];
  const fix = "Write .dockerignore with node_modules, .git and .env*.";
  return [
    warning(CHECK, "copies everything: node_modules of this machine, .git and .env go into the image", fix, () =>
      writeFileSync(file, IGNORED),
    ),
  ];
}
