import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { nearestName } from "../../nearest-name.ts";
import { packageEntries } from "../../threads/package-entries.ts";

/** What to write instead, for the mistakes of an import whose own message does not say it; undefined for all others. */
export async function importHint(message: string, source: string, path: string): Promise<string | undefined> {
  const [, required] = /\brequire\(\s*["'](kserve-transformer(?:\/[\w/-]+)?)["']\s*\)/.exec(source) ?? [];
  if (required !== undefined) return `write import { … } from "${required}", which is an ES module, and no require`;
  const [, missing] = /^(?:\w+: )?Cannot find (?:module|package) '([^']+)'/.exec(message) ?? [];
  if (missing !== undefined) return missingHint(missing, path);
  const [, entry] =
    /Package subpath '\.\/([^']+)' is not defined .*kserve-transformer\/package\.json/.exec(message) ?? [];
  if (entry !== undefined) return missingHint(`kserve-transformer/${entry}`, path);
  if (/^TypeError: Class extends value undefined/.test(message)) return undefinedClassHint(source);
  return undefined;
}

function missingHint(specifier: string, path: string): string | undefined {
  const names = [...packageEntries().keys()];
  const [own = ""] = names;
  // The compiler of TypeScript puts the package's file in the place of its name.
  const entry = specifier.replace(/^.*\/src\/index\.[jt]s\//, `${own}/`);
  if (entry.startsWith(`${own}/`)) return `there is no ${entry}; there are ${names.join(", ")}`;
  if (/^[./]|^\w:|:/.test(specifier)) return nearestModule(resolve(dirname(path), specifier), dirname(path));
  const [scope = "", name = ""] = specifier.split("/");
  return `npm install ${scope.startsWith("@") ? `${scope}/${name}` : scope}`;
}

/** A file beside the one that was to be imported, by almost its name. */
function nearestModule(missing: string, from: string): string | undefined {
  const folder = dirname(missing);
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder);
  const near = files.find((file) => file.startsWith(`${basename(missing)}.`)) ?? nearestName(basename(missing), files);
  if (near === undefined) return undefined;
  const specifier = join(relative(from, folder), near);
  return `did you mean "${specifier.startsWith(".") ? specifier : `./${specifier}`}"?`;
}

/** A name that a module does not export is undefined to a compiled import, and no error. */
async function undefinedClassHint(source: string): Promise<string> {
  for (const [, braces = "", entry = ""] of source.matchAll(/import\s*\{([^}]*)\}\s*from\s*["']([^"']+)["']/g)) {
    const url = packageEntries().get(entry);
    const exported = url === undefined ? [] : Object.keys(await import(url.href));
    for (const name of braces.split(",").map((part) => part.trim().split(/\s+as\s+/)[0] ?? "")) {
      const near = exported.includes(name) ? undefined : nearestName(name, exported);
      if (near !== undefined) return `"${entry}" exports no ${name}: did you mean ${near}?`;
    }
  }
  return "the class behind `extends` is not what its module exports";
}
