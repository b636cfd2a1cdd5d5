import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { command } from "../../../src/cli/commands/check.ts";
import { NEIGHBOUR_CHECKS } from "../../../src/manifest/checks/beside/neighbour-checks.ts";
import { GRAPH_CHECKS } from "../../../src/manifest/checks/graph/graph-checks.ts";
import { SERVICE_CHECKS } from "../../../src/manifest/checks/service/service-checks.ts";

const folder = fileURLToPath(new URL("../../fixtures/manifests/", import.meta.url));
const bad = `${folder}bad/`;

/** `$ kserve-transformer check FILE`, what it printed, `exit CODE`, an empty line. */
function readTranscript(): Map<string, string> {
  const text = readFileSync(`${folder}transcript.txt`, "utf8");
  const entries = text.trimEnd().split(/^\$ kserve-transformer check /m);
  return new Map(
    entries.slice(1).map((entry) => [entry.slice(0, entry.indexOf("\n")), entry.slice(entry.indexOf("\n") + 1).trim()]),
  );
}

async function check(file: string): Promise<string> {
  let output = "";
  const code = await command.run([file], {
    env: {},
    cwd: bad,
    print: (text) => {
      output += text;
    },
    warn: () => {},
    signal: new AbortController().signal,
  });
  return `${output}exit ${code}`;
}

const transcript = readTranscript();
const files = readdirSync(bad).sort();

test("the transcript has at least forty bad manifests, each file once", () => {
  expect(files.length).toBeGreaterThanOrEqual(40);
  expect([...transcript.keys()]).toEqual(files);
});

test.each(files)("%s is answered with the sentence of the transcript", async (file) => {
  expect(await check(file)).toBe(transcript.get(file));
});

test("every check has a bad manifest that it answers", () => {
  const said = new Set(
    [...transcript.values()].flatMap((text) => [...text.matchAll(/\[([a-z-]+)\]$/gm)].map((m) => m[1])),
  );
  const names = [SERVICE_CHECKS, GRAPH_CHECKS, ...Object.values(NEIGHBOUR_CHECKS)].flatMap(Object.keys);
  expect(names.filter((name) => !said.has(name))).toEqual([]);
});
