/**
 * Actions are pinned by commit, with the version beside it: a tag can be moved to other code.
 *
 *     node scripts/release/workflow-pins.mjs           names what is not pinned
 *     node scripts/release/workflow-pins.mjs --update  asks GitHub for the commit of each version and writes it
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const FOLDER = ".github/workflows";
const USES = /^(\s*(?:- )?uses:\s*)([^@\s]+)@(\S+)(?:[ \t]+#[ \t]*(\S+))?[ \t]*$/gm;

/**
 * @param {string} text of a workflow
 * @returns {string[]} one sentence for each action that is not pinned by a commit with a version beside it
 */
export function pinProblems(text) {
  return [...text.matchAll(USES)].flatMap(([, , action, ref, version]) => {
    if (action.startsWith("./")) return [];
    if (!/^[0-9a-f]{40}$/.test(ref)) return [`${action}@${ref} is not pinned by a commit`];
    return /^v\d+\.\d+\.\d+$/.test(version ?? "") ? [] : [`${action}@${ref} has no version beside it (# v1.2.3)`];
  });
}

/** The commit of a version of an action; an annotated tag points at one. */
function commitOf(action, version) {
  const repository = action.split("/").slice(0, 2).join("/");
  const lines = execFileSync("git", ["ls-remote", `https://github.com/${repository}`, `refs/tags/${version}*`], {
    encoding: "utf8",
  });
  const refs = new Map(
    lines
      .trim()
      .split("\n")
      .map((line) => line.split("\t").reverse()),
  );
  const commit = refs.get(`refs/tags/${version}^{}`) ?? refs.get(`refs/tags/${version}`);
  if (commit === undefined) throw new Error(`${repository} has no tag ${version}`);
  return commit;
}

export function readWorkflows() {
  return readdirSync(FOLDER).map((file) => ({
    file: `${FOLDER}/${file}`,
    text: readFileSync(`${FOLDER}/${file}`, "utf8"),
  }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const { file, text } of readWorkflows()) {
    if (process.argv.includes("--update")) {
      writeFileSync(
        file,
        text.replace(USES, (line, head, action, ref, version) => {
          const wanted = version ?? ref;
          return action.startsWith("./") ? line : `${head}${action}@${commitOf(action, wanted)} # ${wanted}`;
        }),
      );
    } else {
      for (const problem of pinProblems(text)) {
        console.error(`${file}: ${problem}`);
        process.exitCode = 1;
      }
    }
  }
}
