import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Jest's global set-up: packs the package once, as npm publishes it, and says where in PACKED. */
export default function pack(): void {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/packed-"));
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [file = ""] = readdirSync(folder);
  process.env["PACKED"] = join(folder, file);
  const create = join(root, "packages/create-kserve-transformer");
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: create, stdio: "ignore" });
  process.env["PACKED_CREATE"] = join(folder, readdirSync(folder).find((name) => name.startsWith("create-")) ?? "");
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}
