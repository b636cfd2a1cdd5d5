import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { PageResponse } from "./page-message.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Pages that the build makes. */
type Page = "playground" | "docs";

/** Nothing from elsewhere, nothing inline, no frame around it. swagger-ui alone writes styles into its elements. */
const POLICIES: Readonly<Record<Page, string>> = {
  playground: policy("style-src 'self'"),
  docs: policy("style-src 'self' 'unsafe-inline'"),
};

function policy(styles: string): string {
  return (
    `default-src 'none'; script-src 'self'; ${styles}; img-src 'self' data: blob:; connect-src 'self'; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  );
}

/** Built by scripts/build.mjs; the sources find it too, for tests. */
const DIST = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../../dist/" : "../../", import.meta.url));

/** A file of a page; undefined where there is none. Names are the build's own, so no path can lead elsewhere. */
export async function staticFile(page: Page, name: string): Promise<PageResponse | undefined> {
  const type = TYPES[extname(name)];
  if (type === undefined || !/^(assets\/)?[\w-]+(\.[\w-]+)*$/.test(name)) return undefined;
  try {
    const body = await readFile(`${DIST}${page}/${name}`);
    const cache = name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    return {
      status: 200,
      headers: {
        "content-type": type,
        "cache-control": cache,
        "content-security-policy": POLICIES[page],
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
      },
      body,
    };
  } catch {
    return undefined;
  }
}
