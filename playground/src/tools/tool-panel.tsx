import type { ModelDeclaration } from "../api.ts";
import type { SentRun } from "../app.tsx";

/** What one can do with a run besides looking at it. */
export function ToolPanel(_props: { model: ModelDeclaration; sent: readonly SentRun[]; verb: string }) {
  return null;
}
