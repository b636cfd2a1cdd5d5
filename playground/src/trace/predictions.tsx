import { formatNumber } from "../bytes.ts";
import { boxesOf, PictureWithBoxes } from "./boxes.tsx";
import { JsonView } from "./json-view.tsx";

const MAX_ROWS = 20;
const MAX_BARS = 12;

/** One block a row: bars for scores, a number as such, boxes over the picture, anything else as JSON. */
export function Predictions({ rows, picture }: { rows: readonly unknown[]; picture: string | undefined }) {
  return (
    <ol class="predictions">
      {rows.slice(0, MAX_ROWS).map((row, index) => (
        <li key={index}>
          {rows.length > 1 && <span class="quiet">row {index}</span>}
          <Prediction row={row} picture={picture} />
        </li>
      ))}
      {rows.length > MAX_ROWS && <li class="quiet">{rows.length} rows in all</li>}
    </ol>
  );
}

function Prediction({ row, picture }: { row: unknown; picture: string | undefined }) {
  const boxes = picture === undefined ? undefined : boxesOf(row);
  if (boxes !== undefined && picture !== undefined) return <PictureWithBoxes picture={picture} boxes={boxes} />;
  const scores = scoresOf(row);
  if (scores !== undefined) return <Bars scores={scores} />;
  if (typeof row === "number") return <p class="number">{formatNumber(row)}</p>;
  if (typeof row === "string") return <p class="text">{row}</p>;
  return <JsonView value={row} />;
}

/** Shares by label: an object, or an array of numbers, whose values lie between 0 and 1. */
function scoresOf(row: unknown): readonly (readonly [string, number])[] | undefined {
  if (typeof row !== "object" || row === null) return undefined;
  const entries = Object.entries(row as Record<string, unknown>);
  const isShares =
    entries.length > 1 && entries.every(([, value]) => typeof value === "number" && value >= 0 && value <= 1);
  if (!isShares) return undefined;
  return (entries as [string, number][]).toSorted(([, a], [, b]) => b - a);
}

function Bars({ scores }: { scores: readonly (readonly [string, number])[] }) {
  return (
    <table class="bars">
      <caption class="hidden">Scores by label, highest first</caption>
      <tbody>
        {scores.slice(0, MAX_BARS).map(([label, score]) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td class="track">
              <i ref={(element) => element?.style.setProperty("width", `${score * 100}%`)} />
            </td>
            <td class="share">{(score * 100).toFixed(1)} %</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
