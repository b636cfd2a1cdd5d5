import type { Bytes } from "./api.ts";

export function fromBase64(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

export function textOf({ base64 }: Bytes): string {
  return new TextDecoder().decode(fromBase64(base64));
}

/** The JSON of a body; undefined where it is none. */
export function jsonOf(bytes: Bytes): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch {
    return undefined;
  }
}

export function formatBytes(length: number): string {
  if (length < 1024) return `${length} B`;
  return length < 1024 * 1024 ? `${(length / 1024).toFixed(1)} kB` : `${(length / 1024 / 1024).toFixed(2)} MB`;
}

export function formatMs(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(2)} ms`;
  return milliseconds < 1000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

/** Digits enough to tell values apart, few enough to read. */
export function formatNumber(value: number | bigint): string {
  if (typeof value === "bigint" || Number.isInteger(value)) return String(value);
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-4 || size >= 1e7) ? value.toExponential(3) : String(Number(value.toPrecision(6)));
}
