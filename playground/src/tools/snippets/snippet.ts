import { apiKey, type ModelDeclaration, type Run, serverUrl } from "../../api.ts";
import type { SentRun } from "../../app.tsx";
import { fromBase64 } from "../../bytes.ts";
import type { Picture } from "../../request/draft.ts";

/** A request to take along: text, and the files that it reads. */
export interface Snippet {
  readonly title: string;
  readonly text: string;
  /** Name under which the text itself is saved. */
  readonly file: string;
  readonly files: readonly SnippetFile[];
}

export interface SnippetFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface SnippetScope {
  readonly run: Run;
  readonly model: ModelDeclaration;
  readonly verb: string;
  /** `http://localhost:8080` */
  readonly url: string;
  readonly hasKey: boolean;
  /** The pictures that were sent with their bytes: snippets read them from their files. */
  readonly pictures: readonly Picture[];
  /** The request as it was typed. */
  readonly body: string;
  readonly module: string;
}

export function scopeOf(
  sent: SentRun,
  model: ModelDeclaration,
  verb: string,
  module: string | undefined,
): SnippetScope {
  const { run, draft, body } = sent;
  const pictures = draft.mode === "picture" ? draft.pictures.filter(({ base64 }) => base64 !== undefined) : [];
  const isKey = apiKey() !== "";
  return { run, model, verb, url: serverUrl(), hasKey: isKey, pictures, body, module: module ?? "transformer.ts" };
}

/** True where the request is made of pictures and the wire form is JSON rows of them. */
export function sendsPictures({ run, pictures }: SnippetScope): boolean {
  return run.protocol === "v1" && pictures.length > 0;
}

export function pictureFiles({ pictures }: SnippetScope): SnippetFile[] {
  return pictures.map(({ name, base64 = "" }) => ({ name: fileName(name), bytes: fromBase64(base64) }));
}

/** A name that needs no quoting in a shell. */
export function fileName(name: string): string {
  return name.replace(/[^\w.-]+/g, "-").replace(/^-+/, "") || "picture";
}

export function requestBytes({ run }: SnippetScope): Uint8Array<ArrayBuffer> {
  return fromBase64(run.request.base64);
}

/** In single quotes for a shell. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** JSON without the space between its tokens; numbers stay as they are written. */
export function compact(text: string): string {
  if (!isJson(text)) return text;
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
}

/** True where JavaScript would write its numbers otherwise, such as 255.0 and 9007199254740993. */
export function hasOtherNumbers(text: string): boolean {
  return isJson(text) && JSON.stringify(JSON.parse(text)) !== compact(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
