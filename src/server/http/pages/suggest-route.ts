import { nearestName } from "../../../nearest-name.ts";

/** What other servers call this, and what is easily written; any of them says that a model is to be asked. */
const VERBS: ReadonlySet<string> = new Set(
  "predict predictions prediction infer inference inferences invocations classify regress score".split(" "),
);
const PROBES: ReadonlySet<string> = new Set("health healthz livez readyz live ready ping".split(" "));
const MAX_LENGTH = 300;

/**
 * What to write instead of a path that leads nowhere: `POST /v1/models/NAME:predict` for one that names a verb or posts to a
 * model, a probe for one that looks like one; undefined where nothing is near.
 * @param models the names that may be told; of several, the path has to name one.
 */
export function suggestRoute(method: string, path: string, models: readonly string[]): string | undefined {
  if (path.length > MAX_LENGTH) return undefined;
  const words = path.split(/[/:]+/).filter((word) => word !== "");
  const isVersion2 = words.some((word) => word.toLowerCase() === "v2");
  const verb = words.findLast((word) => VERBS.has(word.toLowerCase()))?.toLowerCase();
  const [only, ...others] = words;
  if (only !== undefined && others.length === 0 && PROBES.has(only)) return "GET /v2/health/ready";
  const names = words.filter((word) => !isFixed(word));
  const hasModels = words.some((word) => /^models?$/i.test(word));
  if (names.length > 1 || (verb === undefined && (method !== "POST" || !hasModels))) return undefined;
  const name = modelName(names[0], models);
  if (name === undefined) return undefined;
  const version = versionOf(words);
  const wantsVersion2 = isVersion2 || (verb?.startsWith("infer") && !words.some((word) => /^v1$/i.test(word)));
  return `POST ${wantsVersion2 ? `/v2/models/${name}${version}/infer` : `/v1/models/${name}${version}:predict`}`;
}

function isFixed(word: string): boolean {
  return /^(v[12]|models?|versions?|\d+)$/i.test(word) || VERBS.has(word.toLowerCase());
}

function modelName(written: string | undefined, models: readonly string[]): string | undefined {
  if (written === undefined) return models.length === 1 ? encodeURIComponent(models[0] ?? "") : undefined;
  const near = nearestName(decode(written), models);
  return near === undefined ? written : encodeURIComponent(near);
}

function decode(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

function versionOf(words: readonly string[]): string {
  const at = words.findIndex((word) => /^versions?$/i.test(word));
  const version = words[at + 1];
  return at >= 0 && version !== undefined && /^\d+$/.test(version) ? `/versions/${version}` : "";
}
