import { formatStack } from "./format-stack.ts";

/** A line of the JSON log for people: time, level, message, then what else it says. Other lines stay as they are. */
export function formatLogLine(line: string, color: boolean, cwd = "/"): string {
  const entry = parse(line);
  if (entry === undefined) return line;
  const { time, level, msg, error, err, ...rest } = entry;
  const clock = String(time).slice(11, 23);
  const name = String(level).toUpperCase().padEnd(5);
  const fields = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const stack = [error, err].flatMap((failure) =>
    hasStack(failure) ? [`\n${formatStack(stacksOf(failure), cwd)}`] : [],
  );
  // The first line of a stack is the message.
  const isTold = stack.some((text) => text.includes(String(msg))) || (stack.length > 0 && msg === "internal error");
  const parts = [clock, color ? paint(String(level), name) : name, ...(isTold ? [] : [msg ?? ""])];
  return `${parts.join(" ")}${fields.join("")}${stack.join("")}`;
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

interface Failure {
  readonly stack: string;
  readonly cause?: unknown;
}

function hasStack(value: unknown): value is Failure {
  return typeof (value as { readonly stack?: unknown } | null | undefined)?.stack === "string";
}

/** The stacks of an error and of what caused it, outermost first. */
function stacksOf({ stack, cause }: Failure): readonly string[] {
  return hasStack(cause) ? [stack, ...stacksOf(cause)] : [stack];
}

/** ANSI colours: red for errors, yellow for warnings, grey for what one rarely wants to read. */
function paint(level: string, text: string): string {
  const code = { fatal: 31, error: 31, warn: 33, info: 36 }[level] ?? 90;
  return `\u001b[${code}m${text}\u001b[0m`;
}
