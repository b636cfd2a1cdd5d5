import { useState } from "preact/hooks";
import type { TraceContent } from "../../../src/playground/trace.ts";
import { TensorView } from "../tensor/tensor-view.tsx";
import { JsonView } from "./json-view.tsx";

/** Rows and columns of a request or a response; the view that it was made as comes first. */
export function ContentView({ content, names }: { content: TraceContent; names: readonly string[] | undefined }) {
  const [view, setView] = useState<"rows" | "tensors">();
  const { rows, tensors, native, parameters } = content;
  // Vectors are told apart by the names of their features, whichever way they were made.
  const preferred = names === undefined ? native : "tensors";
  const shown = view ?? ("unavailable" in tensors ? "rows" : preferred);
  return (
    <div class="content">
      <fieldset class="switch" aria-label="View">
        <button type="button" aria-pressed={shown === "rows"} onClick={() => setView("rows")}>
          Rows{"count" in rows ? ` · ${rows.count}` : ""}
        </button>
        <button type="button" aria-pressed={shown === "tensors"} onClick={() => setView("tensors")}>
          Tensors{"unavailable" in tensors ? "" : ` · ${tensors.length}`}
        </button>
        <span class="quiet">made as {native}</span>
      </fieldset>
      {shown === "rows" ? (
        "unavailable" in rows ? (
          <p class="quiet">There are no rows: {rows.unavailable}</p>
        ) : (
          <JsonView value={rows.shown} />
        )
      ) : "unavailable" in tensors ? (
        <p class="quiet">There are no tensors: {tensors.unavailable}</p>
      ) : (
        tensors.map((tensor) => <TensorView key={tensor.name} tensor={tensor} names={names} />)
      )}
      {Object.keys(parameters).length > 0 && (
        <details>
          <summary>Parameters</summary>
          <JsonView value={parameters} />
        </details>
      )}
    </div>
  );
}
