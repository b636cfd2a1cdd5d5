/**
 * Sums jest's result files and the failed steps around them, names what failed, what passed only when its file ran alone, and
 * what was skipped, prints "N passed, N failed", and exits non-zero when anything failed.
 *
 *     node scripts/count-tests.mjs FAILED_STEPS FILE.json …
 *
 * What stands in FILE.alone.json replaces the same files' results in FILE.json. With `--failed FILE.json` it prints the failed
 * files instead, a line each.
 */
import { existsSync, readFileSync } from "node:fs";

const [first = "0", ...files] = process.argv.slice(2);
if (first === "--failed") printFailedFiles(files);
else count(Number(first), files);

function printFailedFiles([file]) {
  for (const { name } of readSuites(file).filter(isFailed)) console.log(name);
}

function count(failedSteps, files) {
  let passed = 0;
  let failed = 0;
  for (const file of files.filter((file) => !file.endsWith(".alone.json"))) {
    const alone = new Map(readSuites(file.replace(/\.json$/, ".alone.json")).map((suite) => [suite.name, suite]));
    for (const suite of readSuites(file)) {
      if (isFailed(suite)) name(suite, alone.has(suite.name) ? "failed beside others" : "failed");
      const last = alone.get(suite.name) ?? suite;
      if (isFailed(last) && last !== suite) name(last, "failed alone too");
      for (const test of testsOf(last, "pending")) console.log(`skipped: ${test.fullName}`);
      passed += testsOf(last, "passed").length;
      failed += isFailed(last) ? Math.max(testsOf(last, "failed").length, 1) : 0;
    }
  }
  failed = Math.max(failed, failedSteps);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function readSuites(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).testResults : [];
}

function isFailed({ status }) {
  return status === "failed";
}

function testsOf({ assertionResults }, status) {
  return assertionResults.filter((test) => test.status === status);
}

function name(suite, what) {
  console.log(`${what}: ${suite.name.replace(process.cwd(), ".")}`);
  const tests = testsOf(suite, "failed");
  if (tests.length === 0) console.log(suite.message.slice(0, 800));
  for (const { fullName, failureMessages } of tests)
    console.log(`  ${fullName}\n${failureMessages.join("\n").slice(0, 800)}`);
}
