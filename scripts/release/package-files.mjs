/** What a packed package must have, must not have, and may weigh. */

/** Bytes. A budget is raised in the commit that needs it, with the reason. */
export const BUDGETS = {
  /** What npm downloads of this package alone, without the pages. */
  package: 1_000_000,
  /** The pages that a browser loads, the playground and the API page, packed by themselves. */
  pages: 700_000,
  /** What it takes on disk. */
  unpacked: 5_500_000,
  /** The package with everything that it depends on, on one platform. */
  installed: 75_000_000,
};

const REQUIRED = ["package.json", "README.md", "LICENSE", "NOTICE", "CHANGELOG.md"];
const FORBIDDEN = [
  /(^|\/)test\//,
  /\.test\.(ts|js)$/,
  /(^|\/)\.(env|npmrc|git)/,
  /\.(pem|key|tgz)$/,
  /(^|\/)node_modules\//,
];

/**
 * @param {readonly { path: string, mode: number }[]} files
 * @param {{ exports: Record<string, string>, bin: Record<string, string> }} manifest
 * @returns {string[]}
 */
export function packageProblems(files, manifest) {
  const modes = new Map(files.map(({ path, mode }) => [path, mode]));
  const problems = REQUIRED.filter((path) => !modes.has(path)).map((path) => `${path} is missing`);
  for (const [entry, target] of Object.entries(manifest.exports)) {
    const path = target.replace(/^\.\//, "");
    const types = path.replace(/\.js$/, ".d.ts");
    for (const wanted of new Set([path, types])) {
      if (!modes.has(wanted)) problems.push(`exports["${entry}"]: ${wanted} is missing`);
    }
  }
  for (const [name, path] of Object.entries(manifest.bin)) {
    const mode = modes.get(path.replace(/^\.\//, ""));
    if (mode === undefined) problems.push(`bin.${name}: ${path} is missing`);
    else if ((mode & 0o111) === 0) problems.push(`bin.${name}: ${path} is not executable`);
  }
  for (const { path } of files) {
    // A project that `init` writes has a test; that is its template, not a test of this package.
    if (!path.startsWith("templates/") && FORBIDDEN.some((pattern) => pattern.test(path)))
      problems.push(`${path} does not belong into the package`);
  }
  return problems;
}

/**
 * @param {Partial<Record<keyof typeof BUDGETS, number>>} sizes
 * @returns {string[]}
 */
export function sizeProblems(sizes) {
  return Object.entries(sizes)
    .filter(([name, bytes]) => !(bytes <= BUDGETS[name]))
    .map(([name, bytes]) =>
      name in BUDGETS
        ? `${name}: ${bytes} bytes, the budget is ${BUDGETS[name]}`
        : `${name}: there is no budget of this name`,
    );
}
