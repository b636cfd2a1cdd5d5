/**
 * The notes of a version, from CHANGELOG.md: what a release on GitHub says.
 *
 *     node scripts/release/changelog.mjs 1.2.0
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/**
 * What stands below `## [VERSION]`, without the heading.
 *
 * @param {string} changelog
 * @param {string} version `1.2.0` or `Unreleased`
 * @returns {string | undefined} undefined where no such heading stands, empty where nothing stands below it
 */
export function releaseNotes(changelog, version) {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  if (section === undefined) return undefined;
  const body = section.slice(section.indexOf("\n") + 1);
  // References to links stand behind the last section.
  return body.replace(/^\[[^\]]+\]: \S+$/gm, "").trim();
}

/**
 * What is wrong with version and changelog, as sentences.
 *
 * @param {{ version: string, lockVersion: string, changelog: string, tag?: string }} release
 * @returns {string[]}
 */
export function versionProblems({ version, lockVersion, changelog, tag }) {
  const problems = [];
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
    problems.push(`package.json: ${version} is no semantic version`);
  if (lockVersion !== version) problems.push(`package-lock.json has version ${lockVersion}, package.json ${version}`);
  if (tag === undefined) {
    if (!releaseNotes(changelog, "Unreleased") && !releaseNotes(changelog, version)) {
      problems.push(`CHANGELOG.md has nothing below [Unreleased] nor below [${version}]`);
    }
    return problems;
  }
  if (tag !== `v${version}`) problems.push(`the tag is ${tag}, package.json has version ${version}`);
  if (!releaseNotes(changelog, version)) problems.push(`CHANGELOG.md has nothing below [${version}]`);
  else if (!new RegExp(`^## \\[${version.replaceAll(".", "\\.")}\\] - \\d{4}-\\d{2}-\\d{2}$`, "m").test(changelog)) {
    problems.push(`CHANGELOG.md: the heading of [${version}] has no date (## [${version}] - YYYY-MM-DD)`);
  }
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const version = (process.argv[2] ?? "").replace(/^v/, "");
  const notes = releaseNotes(readFileSync("CHANGELOG.md", "utf8"), version);
  if (!notes) {
    console.error(`CHANGELOG.md has nothing below [${version}]`);
    process.exitCode = 1;
  } else console.log(notes);
}
