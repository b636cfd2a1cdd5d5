import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * Removes the declarations in dist/ that no entry of the package reaches: nobody can import what they declare, and they are a
 * twentieth of the package.
 * @throws Error for an import of a declaration that is not there.
 */
export default function pruneDeclarations(root) {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const entries = Object.values(exports).filter((file) => file.endsWith(".js"));
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, path] of readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g)) {
      visit(resolve(file, "..", path.replace(/\.[jt]s$/, ".d.ts")));
    }
  };
  for (const entry of entries) visit(resolve(root, entry.replace(/\.js$/, ".d.ts")));
  for (const name of readdirSync(join(root, "dist"), { recursive: true })) {
    const file = resolve(root, "dist", name);
    if (file.endsWith(".d.ts") && !reached.has(file)) rmSync(file);
  }
}
