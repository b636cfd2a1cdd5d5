import { existsSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this package, with a slash at its end: the nearest one above the running code that has a package.json. */
export function packageRoot(): URL {
  let folder = new URL("./", import.meta.url);
  while (!existsSync(fileURLToPath(new URL("package.json", folder)))) folder = new URL("../", folder);
  return folder;
}

/**
 * What each import name of this package means, `kserve-transformer/image` → the file beside the running code, so that a
 * user's module gets the very copy of the package that the command runs, also in a folder where nothing resolves.
 */
export function packageEntries(): ReadonlyMap<string, URL> {
  const { name, exports } = JSON.parse(readFileSync(new URL("package.json", packageRoot()), "utf8")) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string>>;
  };
  const source = new URL("../", import.meta.url);
  const extension = extname(import.meta.url);
  return new Map(
    Object.entries(exports)
      .filter(([, target]) => target.startsWith(BUILT))
      .map(([key, target]) => [
        name + key.slice(1),
        new URL(target.slice(BUILT.length).replace(/\.js$/, extension), source),
      ]),
  );
}

const BUILT = "./dist/src/";
