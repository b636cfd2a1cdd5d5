/**
 * Optional peers with their versions in the lock: `@opentelemetry/api@1.9.1 …`.
 *
 *     node scripts/release/optional-packages.mjs "@opentelemetry/"
 */
import { readFileSync } from "node:fs";

const prefix = process.argv[2] ?? "";
const { peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
const names = Object.keys(peerDependencies).filter((name) => name.startsWith(prefix));
console.log(names.map((name) => `${name}@${packages[`node_modules/${name}`].version}`).join("\n"));
