/** JSON for reading: short arrays stay on one line. */
export function JsonView({ value }: { value: unknown }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region is reached by keyboard
    <pre class="json" tabIndex={0}>
      <code>{formatReadable(value)}</code>
    </pre>
  );
}

const LINE = 90;

export function formatReadable(value: unknown, indent = ""): string {
  const flat = JSON.stringify(value);
  if (flat === undefined) return "";
  if (flat.length + indent.length <= LINE || typeof value !== "object" || value === null) return spaced(flat, value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((member) => typeof member !== "object")) return wrapped(value, indent);
    return `[\n${value.map((member) => inner + formatReadable(member, inner)).join(",\n")}\n${indent}]`;
  }
  const members = Object.entries(value).map(
    ([key, member]) => `${inner}${JSON.stringify(key)}: ${formatReadable(member, inner)}`,
  );
  return `{\n${members.join(",\n")}\n${indent}}`;
}

function spaced(flat: string, value: unknown): string {
  if (typeof value !== "object" || value === null) return flat;
  if (Array.isArray(value)) return `[${value.map((member) => formatReadable(member)).join(", ")}]`;
  return `{ ${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}: ${formatReadable(member)}`)
    .join(", ")} }`.replace(/^\{ {2}\}$/, "{}");
}

/** Scalars, as many to a line as fit. */
function wrapped(values: readonly unknown[], indent: string): string {
  const inner = `${indent}  `;
  const lines: string[] = [];
  let line = inner;
  for (const value of values) {
    const text = `${JSON.stringify(value)}, `;
    if (line.length + text.length > LINE && line !== inner) {
      lines.push(line.trimEnd());
      line = inner;
    }
    line += text;
  }
  lines.push(line.replace(/, $/, ""));
  return `[\n${lines.join("\n")}\n${indent}]`;
}
