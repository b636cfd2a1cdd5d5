import { useState } from "preact/hooks";
import type { TensorTrace } from "../../../src/playground/trace.ts";
import { formatNumber } from "../bytes.ts";
import { elementsOf, matrixOf } from "./tensor-data.ts";

const MAX_ROWS = 50;

/** Vectors under the names of their features, one column a row of the request. */
export function VectorTable({ tensor, names }: { tensor: TensorTrace; names: readonly string[] | undefined }) {
  const [rows, columns] = matrixOf(tensor);
  const [isFiltered, setFiltered] = useState(false);
  const elements = elementsOf(tensor);
  const named = names?.length === columns ? names : undefined;
  const shown = Math.min(rows, MAX_ROWS);
  const at = (row: number, column: number) => elements[row * columns + column] ?? Number.NaN;
  const features = Array.from({ length: columns }, (_, column) => column).filter(
    (column) =>
      !isFiltered || Array.from({ length: shown }, (_, row) => at(row, column)).some((value) => Number(value) !== 0),
  );
  const scale = Math.max(Math.abs(tensor.statistics?.min ?? 0), Math.abs(tensor.statistics?.max ?? 1)) || 1;
  return (
    <div class="vector-table">
      {columns > 12 && (
        <label class="check">
          <input type="checkbox" checked={isFiltered} onChange={() => setFiltered(!isFiltered)} /> Only values that are
          not 0
        </label>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region is reached by keyboard */}
      <section class="scroll" tabIndex={0} aria-label={`Values of ${tensor.name}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">{named === undefined ? "column" : "feature"}</th>
              {Array.from({ length: shown }, (_, row) => (
                <th scope="col" key={row}>
                  row {row}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {features.map((column) => (
              <tr key={column}>
                <th scope="row">{named?.[column] ?? column}</th>
                {Array.from({ length: shown }, (_, row) => (
                  <td key={row}>
                    <Cell value={at(row, column)} scale={scale} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows > shown && (
        <p class="quiet">
          The first {shown} of {rows} rows.
        </p>
      )}
    </div>
  );
}

function Cell({ value, scale }: { value: number | bigint; scale: number }) {
  const number = Number(value);
  const share = Number.isFinite(number) ? Math.abs(number) / scale : 0;
  return (
    <span class={number === 0 ? "cell zero" : Number.isNaN(number) ? "cell alarming" : "cell"}>
      <i ref={(element) => element?.style.setProperty("width", `${share * 100}%`)} />
      {formatNumber(value)}
    </span>
  );
}
