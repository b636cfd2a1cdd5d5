import { randomUUID } from "node:crypto";

/** The client's `x-request-id`, or a new one. */
export function requestIdOf(headers: Readonly<Record<string, string | readonly string[] | undefined>>): string {
  const id = headers["x-request-id"];
  return typeof id === "string" && id !== "" && id.length <= 256 ? id : randomUUID();
}
