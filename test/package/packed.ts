import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** Runs a program and gives its output; throws with the output when it fails. */
export function run(program: string, argv: readonly string[], cwd: string): string {
  return execFileSync(program, argv, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** A new folder with the packed package in it, and nothing else. */
export function folderWithPackage(): { readonly folder: string; readonly tarball: string } {
  const packed = process.env["PACKED"];
  if (packed === undefined) throw new Error("nothing is packed: run npm run test:package");
  const folder = mkdtempSync(join(tmpdir(), "package-"));
  const tarball = basename(packed);
  copyFileSync(packed, join(folder, tarball));
  return { folder, tarball };
}

/** As `folderWithPackage`, and the package is installed. */
export function folderWithInstalledPackage(): string {
  const { folder, tarball } = folderWithPackage();
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", `./${tarball}`], folder);
  return folder;
}
