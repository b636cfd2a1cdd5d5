import type { TensorTrace } from "../../../src/playground/trace.ts";
import { elementsOf, matrixOf } from "./tensor-data.ts";

const MAX_ROWS = 20;
const MAX_TOKENS = 512;

/** Ids of tokens in reading order; zeros, which padding and masks are made of, stand back. */
export function TokenChips({ tensor }: { tensor: TensorTrace }) {
  const [rows, columns] = matrixOf(tensor);
  const elements = elementsOf(tensor);
  return (
    <ol class="tokens">
      {Array.from({ length: Math.min(rows, MAX_ROWS) }, (_, row) => (
        <li key={row}>
          {Array.from({ length: Math.min(columns, MAX_TOKENS) }, (_, column) => {
            const id = elements[row * columns + column] ?? 0;
            return (
              <span key={column} class={Number(id) === 0 ? "chip zero" : "chip"}>
                {String(id)}
              </span>
            );
          })}
          {columns > MAX_TOKENS && <span class="quiet">… {columns} in all</span>}
        </li>
      ))}
    </ol>
  );
}
