/**
 * Folders of optional peers and of everything that they need, as the lock places them: what an image with them copies.
 *
 *     node scripts/release/optional-packages.mjs "@opentelemetry/"
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/**
 * @param {{ packages: Record<string, { dependencies?: object, optionalDependencies?: object }> }} lock
 * @param {readonly string[]} names
 * @returns {string[]} `node_modules/a`, `node_modules/a/node_modules/b` …
 */
export function packageFolders({ packages }, names) {
  const folders = new Set();
  const visit = (name, from) => {
    const folder = resolveFolder(packages, name, from);
    if (folder === undefined || folders.has(folder)) return;
    folders.add(folder);
    const { dependencies = {}, optionalDependencies = {} } = packages[folder];
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) visit(needed, folder);
  };
  for (const name of names) visit(name, "");
  return [...folders].sort();
}

/** As Node looks for a package: below the one that asks, then below each package around it, then at the top. */
function resolveFolder(packages, name, from) {
  const places = from
    .split("/node_modules/")
    .map((_, index, parts) => parts.slice(0, parts.length - index).join("/node_modules/"));
  const candidates = [
    ...places.filter((place) => place !== "").map((place) => `${place}/node_modules/${name}`),
    `node_modules/${name}`,
  ];
  return candidates.find((folder) => folder in packages);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const prefix = process.argv[2] ?? "";
  const { peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  const names = Object.keys(peerDependencies).filter((name) => name.startsWith(prefix));
  console.log(packageFolders(JSON.parse(readFileSync("package-lock.json", "utf8")), names).join("\n"));
}
