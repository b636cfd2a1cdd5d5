import { compact, fileName, pictureFiles, type Snippet, type SnippetScope, shellQuote } from "./snippet.ts";

const MAX_INLINE = 3000;

/** `kserve-transformer infer`, with the request as it was typed. */
export function commandSnippet(scope: SnippetScope): Snippet {
  const { model, url, verb, run, pictures, body, hasKey } = scope;
  const isV2 = run.protocol !== "v1" && pictures.length === 0;
  const flags = [
    `--url ${url}`,
    `--model_name ${model.name}`,
    ...(isV2 ? ["--protocol v2"] : []),
    ...(verb === "explain" ? ["--explain"] : []),
    ...(hasKey ? ['--header "x-api-key: $API_KEY"'] : []),
  ].join(" ");
  const made = { title: "kserve-transformer infer", file: "infer.sh" };
  if (pictures.length > 0) {
    const names = pictures.map(({ name }) => fileName(name)).join(" ");
    return { ...made, text: `kserve-transformer infer ${names} ${flags}`, files: pictureFiles(scope) };
  }
  const typed = isV2
    ? new TextDecoder().decode(Uint8Array.from(atob(run.request.base64), (c) => c.charCodeAt(0)))
    : body;
  const isText = run.protocol === "v1" || run.protocol === "v2";
  const request = compact(isText ? typed : body);
  const protocol = isText ? flags : flags.replace(" --protocol v2", "");
  if (request.length <= MAX_INLINE)
    return { ...made, text: `kserve-transformer infer ${shellQuote(request)} ${protocol}`, files: [] };
  const bytes = new TextEncoder().encode(request);
  return {
    ...made,
    text: `kserve-transformer infer request.json ${protocol}`,
    files: [{ name: "request.json", bytes }],
  };
}
