/** Compiles src/ and transformers/ to dist/, joins the modules of src/ into few files, and builds the playground beside them. */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import buildKernels, { KERNELS } from "./build-kernels.mjs";
import joinModules from "./join-modules.mjs";
import pruneDeclarations from "./prune-declarations.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
pruneDeclarations(root);
buildKernels();
for (const kernel of KERNELS) copyFileSync(`${root}${kernel}`, `${root}dist/${kernel}`);
await joinModules(root);

/** The page, as static files. */
const { build } = await import("vite");
await build({ configFile: `${root}playground/vite.config.ts`, logLevel: "warn" });

/** The API page: swagger-ui's own files, so that users install nothing; its licence is the text of this package's own. */
cpSync(`${root}playground/docs`, `${root}dist/docs`, { recursive: true });
for (const file of ["swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css", "NOTICE"]) {
  copyFileSync(`${root}node_modules/swagger-ui-dist/${file}`, `${root}dist/docs/${file}`);
}
