import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { invalidArgument } from "../errors.ts";
import { describeValue } from "../tensor/describe-value.ts";
import { createVectorizerSchema } from "./dictionary/vectorizer-schema.ts";
import { createPipelineSchema } from "./pipeline/pipeline-schema.ts";
import type { TabularSpecification } from "./specification.ts";

/**
 * Reads a tabular specification (JSON).
 * @param file Name of the file, for messages.
 * @throws InferenceError invalid_argument with one line for each fault: `churn.json, line 12: scaler.mean: missing, expected array`.
 */
export function parseTabularSpecification(text: string, file: string): TabularSpecification {
  const lines = new LineCounter();
  // JSON by YAML's JSON schema: the parser knows the line of every value.
  const document = parseDocument(text, { schema: "json", lineCounter: lines, prettyErrors: false });
  const fault = (line: number, path: readonly PropertyKey[], message: string): string =>
    `${file}, line ${line}: ${formatPath(path)}${message}`;
  const [broken] = document.errors;
  if (broken !== undefined) throw invalidArgument(fault(lines.linePos(broken.pos[0]).line, [], broken.message));

  const value: unknown = document.toJS();
  const lineOf = (path: readonly PropertyKey[]): number => lines.linePos(offsetOf(document, path)).line;
  const version = typeof value === "object" && value !== null && "version" in value ? value.version : undefined;
  if (version !== undefined && version !== 1 && version !== 2) {
    const message = `this program reads versions 1 and 2, got ${describeValue(version)}`;
    throw invalidArgument(fault(lineOf(["version"]), ["version"], message));
  }
  const schema: z.ZodType<TabularSpecification> = version === 2 ? createPipelineSchema() : createVectorizerSchema();
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap(describe);
  throw invalidArgument(faults.map(({ path, message }) => fault(lineOf(path), path, message)).join("\n"));
}

interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function describe(issue: z.core.$ZodIssue): Fault[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], message: "no such member" }));
  }
  const expected = expectation(issue);
  if (expected === undefined) return [{ path, message: issue.message }];
  const got = issue.input === undefined ? "" : `, got ${describeValue(issue.input)}`;
  return [{ path, message: `${issue.input === undefined ? "missing, " : ""}expected ${expected}${got}` }];
}

/** What should have stood there; undefined where zod's own sentence says it. */
function expectation(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === "invalid_type") return issue.expected;
  if (issue.code === "invalid_value") return issue.values.map((value) => JSON.stringify(value)).join(" or ");
  if (issue.code !== "invalid_union" || issue.discriminator !== undefined) return undefined;
  return issue.errors.flatMap((branch) => branch.map((inner) => expectation(inner) ?? inner.message)).join(" or ");
}

/** `vectorizer.feature_names[3]: `; nothing for the file as a whole. */
function formatPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "";
  const text = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return `${text.replace(/^\./, "")}: `;
}

/** Where a value stands in the text, or the innermost value around it that is there. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
