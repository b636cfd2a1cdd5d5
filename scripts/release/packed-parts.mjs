/** What each part of a packed package weighs: the pages that a browser loads, and everything else. */
import { gunzipSync, gzipSync } from "node:zlib";

/** The playground, and the page of the API. */
const PAGES = /^package\/dist\/(playground|docs)\//;

const BLOCK = 512;

/**
 * Each part as it would be packed alone, headers and all: parts that share one compression have no size of their own.
 * @param {Uint8Array} tarball As `npm pack` makes it.
 * @returns {{ package: number, pages: number }} Bytes.
 */
export function packedParts(tarball) {
  const parts = { package: [], pages: [] };
  for (const { path, bytes } of tarEntries(gunzipSync(tarball))) {
    parts[PAGES.test(path) ? "pages" : "package"].push(bytes);
  }
  const weigh = (entries) => gzipSync(Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]), { level: 9 }).length;
  return { package: weigh(parts.package), pages: weigh(parts.pages) };
}

/** @param {Buffer} tar */
function* tarEntries(tar) {
  let start = 0;
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(textAt(tar, at + 124, 12), 8);
    if (!Number.isInteger(size)) throw new Error(`no tar: a header at ${at} has no size`);
    const kind = textAt(tar, at + 156, 1);
    const prefix = textAt(tar, at + 345, 155);
    const path = `${prefix === "" ? "" : `${prefix}/`}${textAt(tar, at, 100)}`;
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    // A header of its own, for what the short one has no room for, belongs to the file behind it. How a path begins is in both.
    if (kind === "x") continue;
    yield { path, bytes: tar.subarray(start, at) };
    start = at;
  }
}

/** A field of a header, which ends with a zero or a space. */
function textAt(tar, at, length) {
  return tar
    .toString("utf8", at, at + length)
    .replace(/\0.*$/s, "")
    .trim();
}
