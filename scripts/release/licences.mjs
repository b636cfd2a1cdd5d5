/** Which licences the dependencies of a user's installation may have. */

const ALLOWED = new Set([
  "MIT",
  "Apache-2.0",
  "ISC",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "Unlicense",
  "CC0-1.0",
  "Python-2.0",
  "Zlib",
]);

/** Allowed for the packages named only: libvips is linked as a library of its own, which its licence asks for. */
const ALLOWED_FOR = [{ package: /^@img\/sharp-/, licence: "LGPL-3.0-or-later" }];

/**
 * Components of a CycloneDX document whose licence is unknown or not allowed.
 *
 * @param {readonly { group?: string, name: string, version?: string, licenses?: readonly object[] }[]} components
 * @returns {string[]}
 */
export function licenceProblems(components) {
  return components.flatMap(({ group, name, version, licenses = [] }) => {
    const full = group === undefined ? name : `${group}/${name}`;
    const expressions = licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name);
    const isFine = expressions.length > 0 && expressions.every((text) => text !== undefined && isAllowed(text, full));
    return isFine ? [] : [`${full}@${version}: ${expressions.join(", ") || "no licence"}`];
  });
}

/** SPDX expressions without nesting: one of an OR, each of an AND. */
function isAllowed(expression, name) {
  const text = expression.replaceAll(/[()]/g, "");
  const isOne = (id) => ALLOWED.has(id) || ALLOWED_FOR.some((rule) => rule.licence === id && rule.package.test(name));
  return text.split(" OR ").some((choice) => choice.split(" AND ").every((id) => isOne(id.trim())));
}
