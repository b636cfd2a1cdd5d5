import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "@swc/core";

const root = fileURLToPath(new URL("..", import.meta.url));
const LIST = join(root, "test/exports.json");
const { exports: entries } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly exports: Readonly<Record<string, string>>;
};

interface Specifier {
  readonly exported?: { readonly value: string } | null;
  readonly orig?: { readonly value: string };
}

/** Names, types included, of an entry's `export { … } from`; entries export in no other way but for what they declare. */
function namesOf(file: string): string[] {
  const { body } = parseSync(readFileSync(file, "utf8"), { syntax: "typescript", target: "es2023" });
  return body
    .flatMap((statement) => {
      if (statement.type === "ExportNamedDeclaration") {
        return (statement.specifiers as readonly Specifier[]).map(
          ({ exported, orig }) => exported?.value ?? orig?.value ?? "",
        );
      }
      if (statement.type === "ExportDefaultExpression" || statement.type === "ExportDefaultDeclaration")
        return ["default"];
      if (statement.type === "ExportAllDeclaration") throw new Error(`${file}: export * hides what is exported`);
      return [];
    })
    .sort();
}

/** UPDATE_EXPORTS=1 writes the list; what changes in it is a line of CHANGELOG.md. */
test("every entry exports the names that the list has, and no others", () => {
  const found = Object.fromEntries(
    Object.entries(entries)
      .filter(([, target]) => target.endsWith(".js"))
      .map(([entry, target]) => [entry, namesOf(join(root, target.replace("./dist/", "").replace(/\.js$/, ".ts")))]),
  );
  if (process.env["UPDATE_EXPORTS"]) writeFileSync(LIST, `${JSON.stringify(found, null, 2)}\n`);
  expect(found).toEqual(JSON.parse(readFileSync(LIST, "utf8")));
});
