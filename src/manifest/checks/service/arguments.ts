import type { Field } from "../field.ts";

export interface Argument {
  readonly value: string | undefined;
  readonly field: Field;
}

/** The last `--name value`, `--name=value` or `--na-me value` among a container's arguments. */
export function findFlag(container: Field, ...names: readonly string[]): Argument | undefined {
  const args = container.at("args").items();
  for (const [index, field] of [...args.entries()].reverse()) {
    const [flag = "", ...rest] = (field.text ?? "").split("=");
    if (!flag.startsWith("--") || !names.includes(flag.slice(2).replaceAll("-", "_"))) continue;
    if (rest.length > 0) return { value: rest.join("="), field };
    const next = args[index + 1];
    return { value: next === undefined ? undefined : String(next.scalar), field };
  }
  return undefined;
}

/** The value of an environment variable that is written in the manifest. */
export function findEnvironment(container: Field, name: string): Argument | undefined {
  const field = container
    .at("env")
    .items()
    .find((entry) => entry.at("name").text === name);
  return field === undefined ? undefined : { value: field.at("value").text, field };
}

/** The port that a container's service and default probe lead to. */
export function firstPort(container: Field): number | undefined {
  return container.at("ports").items()[0]?.at("containerPort").number;
}
