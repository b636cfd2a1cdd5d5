import { extname } from "node:path";

/**
 * Node's arguments for a thread of ours that `url` starts: none, but for the source itself, as in our tests, where Node cannot
 * read TypeScript.
 */
export function threadArguments(url: string): { readonly execArgv?: string[] } {
  if (extname(new URL(url).pathname) !== ".ts") return {};
  if ((process.features as { readonly typescript?: unknown }).typescript) return { execArgv: [] };
  const loader = new URL("../../bench/typescript.mjs", import.meta.url).href;
  const code = `import { register } from "node:module"; register(${JSON.stringify(loader)});`;
  return { execArgv: ["--import", `data:text/javascript,${encodeURIComponent(code)}`] };
}
