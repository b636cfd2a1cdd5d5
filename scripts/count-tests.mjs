/**
 * Sums jest's result files and the failed steps around them, names what failed, prints "N passed, N failed", and exits
 * non-zero when anything did.
 *
 *     node scripts/count-tests.mjs FAILED_STEPS FILE.json …
 */
import { readFileSync } from "node:fs";

const [steps = "0", ...files] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const file of files) {
  const results = JSON.parse(readFileSync(file, "utf8"));
  passed += results.numPassedTests;
  failed += results.numFailedTests + results.numRuntimeErrorTestSuites;
  for (const suite of results.testResults) {
    if (suite.status !== "failed") continue;
    console.log(`failed: ${suite.name.replace(process.cwd(), ".")}`);
    for (const test of suite.assertionResults) if (test.status === "failed") console.log(`  ${test.fullName}`);
  }
}
failed = Math.max(failed, Number(steps));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
