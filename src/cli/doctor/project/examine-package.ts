import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { findSources } from "../../dev/find-sources.ts";
import { error, type Finding, ok, warning } from "../finding.ts";

interface Package {
  readonly type?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** package.json beside what the code imports, its lock, and what is installed. */
export function examinePackage(folder: string, module: string | undefined): Finding[] {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const manifest = parse(text);
  if (manifest === undefined)
    return [error("project/package", "package.json is no JSON", "Fix it; npm pkg get name shows the place.")];
  const found = [
    ...examineType(file, text, manifest),
    ...examineImports(manifest, module),
    ...examineLock(folder, manifest),
    ...examineInstalled(folder, manifest),
    ...examineOnnx(manifest),
  ];
  return found.length > 0 ? found : [ok("project/package", "declares what the code imports, locked and installed")];
}

function parse(text: string): Package | undefined {
  try {
    return JSON.parse(text) as Package;
  } catch {
    return undefined;
  }
}

function examineType(file: string, text: string, { type }: Package): Finding[] {
  if (type === "module") return [];
  // Behind the first brace, so that everything else keeps its form.
  const repair = (): void =>
    writeFileSync(file, text.replace(/"type"\s*:\s*"commonjs"\s*,?\s*/, "").replace("{", '{\n  "type": "module",'));
  return [
    warning(
      "project/package",
      'has no "type": "module": Node reads every module twice, and warns',
      'Write "type": "module" into package.json.',
      repair,
    ),
  ];
}

/** The bare imports of the module and of what it imports by path. */
function examineImports(
  { dependencies = {}, devDependencies = {}, optionalDependencies = {} }: Package,
  module: string | undefined,
): Finding[] {
  if (module === undefined) return [];
  const imported = new Set(
    [...findSources(module)].filter((path) => /\.[mc]?[tj]s$/.test(path)).flatMap(importedPackages),
  );
  imported.delete("kserve-transformer");
  return [...imported].flatMap((name) => {
    if (name in dependencies || name in optionalDependencies) return [];
    if (name in devDependencies) {
      return [
        error(
          "project/dependencies",
          `${name} is a devDependency, which npm ci --omit=dev leaves out of the image`,
          `Move it: npm install --save-prod ${name}.`,
        ),
      ];
    }
    return [
      error("project/dependencies", `${name} is imported and not in package.json`, `Install it: npm install ${name}.`),
    ];
  });
}

const SPECIFIER = `["']([^"'./][^"']*)["']`;
/** `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`; types are erased. */
const IMPORT = new RegExp(
  String.raw`^\s*(?:import|export)\s+(?!type\b)[\w\s{},*$]*\bfrom\s*${SPECIFIER}|^\s*import\s+${SPECIFIER}|\bimport\(\s*${SPECIFIER}`,
  "gm",
);

function importedPackages(path: string): string[] {
  const specifiers = [...readFileSync(path, "utf8").matchAll(IMPORT)].map(
    ([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? "",
  );
  return specifiers
    .filter((specifier) => !isBuiltin(specifier) && !/^[a-z]+:/.test(specifier) && !specifier.startsWith("#"))
    .map((specifier) =>
      specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/"),
    );
}

function examineLock(folder: string, manifest: Package): Finding[] {
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  if (Object.keys(wanted).length === 0) return [];
  const file = join(folder, "package-lock.json");
  if (!existsSync(file)) {
    if (["yarn.lock", "pnpm-lock.yaml"].some((name) => existsSync(join(folder, name)))) return [];
    return [
      warning(
        "project/lock",
        "there is no package-lock.json: each build may take other versions",
        "Write it: npm install --package-lock-only.",
      ),
    ];
  }
  const lock = parse(readFileSync(file, "utf8")) as { packages?: Record<string, Package> } | undefined;
  const root = lock?.packages?.[""] ?? {};
  const locked = { ...root.dependencies, ...root.devDependencies, ...root.optionalDependencies };
  const differing = [...new Set([...Object.keys(wanted), ...Object.keys(locked)])].filter(
    (name) => wanted[name] !== locked[name],
  );
  if (differing.length === 0) return [];
  return [
    error(
      "project/lock",
      `package-lock.json does not fit package.json (${differing.join(", ")}): npm ci refuses it`,
      "Write it again: npm install --package-lock-only.",
    ),
  ];
}

function examineInstalled(folder: string, { dependencies = {} }: Package): Finding[] {
  const missing = Object.keys(dependencies).filter((name) => !existsSync(join(folder, "node_modules", name)));
  if (missing.length === 0) return [];
  return [
    error(
      "project/installed",
      `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not installed`,
      "Install: npm install.",
    ),
  ];
}

/** A predictor in the process needs its runtime beside it. */
function examineOnnx({ scripts = {}, dependencies = {}, optionalDependencies = {} }: Package): Finding[] {
  const user = Object.entries(scripts).find(([, script]) => /--predictor[ =]onnx:/.test(script))?.[0];
  if (user === undefined || "onnxruntime-node" in { ...dependencies, ...optionalDependencies }) return [];
  return [
    error(
      "project/dependencies",
      `the script ${user} has --predictor onnx:, and onnxruntime-node is not in package.json`,
      "Install it: npm install onnxruntime-node.",
    ),
  ];
}
