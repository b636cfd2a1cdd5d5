import { readdirSync, readFileSync } from "node:fs";
import { loadTokenizer, type Tokenizer } from "kserve-transformer/text";

const FIXTURES = new URL("../fixtures/text/", import.meta.url);

export const readText = (path: string): string => readFileSync(new URL(path, FIXTURES), "utf8");

export const readJson = <Value>(path: string): Value => JSON.parse(readText(path)) as Value;

/** Names of the small tokenizers that `test/servers/parity/tokenizers_cases.py` trained. */
export const TOKENIZERS: readonly string[] = readdirSync(new URL("tokenizers/", FIXTURES))
  .map((file) => file.replace(/\.json$/, ""))
  .sort();

export const fixtureTokenizer = (name: string): Promise<Tokenizer> =>
  loadTokenizer(readText(`tokenizers/${name}.json`), `${name}.json`);
