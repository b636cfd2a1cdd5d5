import { useState } from "preact/hooks";
import type { Bytes } from "../api.ts";
import { formatBytes, fromBase64, textOf } from "../bytes.ts";
import { formatReadable } from "./json-view.tsx";

const MAX_HEX = 4096;
const MAX_TEXT = 20_000;
const WIDTH = 16;

/** A body as text and as bytes. */
export function BytesView({ title, bytes, line }: { title: string; bytes: Bytes; line?: string }) {
  const isJson =
    /json/.test(bytes.headers["content-type"] ?? "") && !("inference-header-content-length" in bytes.headers);
  const [chosen, setChosen] = useState<"text" | "hex">();
  const view = chosen ?? (isJson ? "text" : "hex");
  const headers = Object.entries(bytes.headers);
  return (
    <div class="bytes">
      <div class="bytes-head">
        <strong>{title}</strong>
        <fieldset class="switch" aria-label={`Form of ${title}`}>
          {(["text", "hex"] as const).map((each) => (
            <button key={each} type="button" aria-pressed={view === each} onClick={() => setChosen(each)}>
              {each}
            </button>
          ))}
        </fieldset>
      </div>
      {(headers.length > 0 || line !== undefined) && (
        <ul class="headers">
          {line !== undefined && <li>{line}</li>}
          {headers.map(([name, value]) => (
            <li key={name}>
              <b>{name}</b> {value}
            </li>
          ))}
        </ul>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region is reached by keyboard */}
      <pre tabIndex={0}>
        <code>{bytes.length === 0 ? "(empty)" : view === "text" ? asText(bytes, isJson) : asHex(bytes)}</code>
      </pre>
    </div>
  );
}

function asText(bytes: Bytes, isJson: boolean): string {
  const text = textOf(bytes);
  if (isJson && !bytes.isCut) {
    try {
      return cut(formatReadable(shortened(JSON.parse(text))), bytes.length);
    } catch {
      // Shown as it is.
    }
  }
  return cut(text, bytes.length);
}

/** A picture in base64 would push everything else out of sight. */
function shortened(value: unknown): unknown {
  if (typeof value === "string")
    return value.length > 200 ? `${value.slice(0, 120)}… ${value.length} characters` : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(shortened);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shortened(member)]));
}

function cut(text: string, length: number): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}\n… ${formatBytes(length)} in all` : text;
}

/** Offset, sixteen bytes, and what of them is ASCII. */
function asHex(bytes: Bytes): string {
  const all = fromBase64(bytes.base64).subarray(0, MAX_HEX);
  const lines: string[] = [];
  for (let at = 0; at < all.length; at += WIDTH) {
    const row = [...all.subarray(at, at + WIDTH)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const ascii = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex.padEnd(WIDTH * 3 - 1)}  ${ascii}`);
  }
  if (bytes.length > MAX_HEX) lines.push(`… ${formatBytes(bytes.length)} in all`);
  return lines.join("\n");
}
