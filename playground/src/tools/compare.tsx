import { useState } from "preact/hooks";
import type { SentRun } from "../app.tsx";
import { formatMs, formatNumber } from "../bytes.ts";
import { HeatMap } from "../tensor/heat-map.tsx";
import { PictureTensor } from "../tensor/picture-tensor.tsx";
import { pictureLayout } from "../tensor/tensor-data.ts";
import { predictionsOf } from "../trace/response-view.tsx";
import { protocolName } from "../trace/steps.ts";
import { compareTraces, type TensorDifference } from "./differences.ts";
import type { ToolProps } from "./tool-panel.tsx";

/** Two runs beside each other: times, tensors, responses. */
export function Compare({ sent }: ToolProps) {
  const [firstIndex, setFirst] = useState(1);
  const [secondIndex, setSecond] = useState(0);
  const [first, second] = [sent[firstIndex] ?? sent[0], sent[secondIndex] ?? sent[0]];
  if (sent.length < 2 || first === undefined || second === undefined) {
    return <p class="quiet">Send a second request; then the two can be compared here.</p>;
  }
  const [a, b] = [first.run.trace, second.run.trace];
  return (
    <div class="stack">
      <div class="pair">
        <Choice label="First run" sent={sent} index={firstIndex} onChange={setFirst} />
        <Choice label="Second run" sent={sent} index={secondIndex} onChange={setSecond} />
      </div>
      <Scores first={first} second={second} />
      {a !== undefined &&
        b !== undefined &&
        compareTraces(a, b).map(({ stage, milliseconds, tensors }) => (
          <article key={stage} class="stack">
            <h3>
              {stage}{" "}
              <span class="quiet">
                {milliseconds.every((each) => each !== undefined) &&
                  `${formatMs(milliseconds[0] ?? 0)} and ${formatMs(milliseconds[1] ?? 0)}`}
              </span>
            </h3>
            {tensors.map((difference) => (
              <Difference key={difference.name} difference={difference} />
            ))}
            {tensors.length === 0 && <p class="quiet">No tensors to compare.</p>}
          </article>
        ))}
    </div>
  );
}

function Choice(props: { label: string; sent: readonly SentRun[]; index: number; onChange: (index: number) => void }) {
  return (
    <label>
      {props.label}
      <select value={props.index} onChange={(event) => props.onChange(Number(event.currentTarget.value))}>
        {props.sent.map(({ run, draft }, index) => (
          <option key={run.id} value={index}>
            {`${props.sent.length - index}: ${draft.mode === "picture" ? (draft.pictures[0]?.name ?? "picture") : draft.mode}, ${protocolName(run.protocol)}, ${run.status}`}
          </option>
        ))}
      </select>
    </label>
  );
}

function Difference({ difference }: { difference: TensorDifference }) {
  const { name, mismatch, different, elements, greatest, mean, tensor } = difference;
  if (mismatch !== undefined) {
    return (
      <p>
        <strong>{name}</strong>: {mismatch}
      </p>
    );
  }
  if (different === 0) {
    return (
      <p>
        <strong>{name}</strong>: <span class="same">equal</span>, all {elements} elements
      </p>
    );
  }
  return (
    <>
      <p>
        <strong>{name}</strong>: {different} of {elements} elements differ
        {greatest > 0 && `, at most by ${formatNumber(greatest)}, ${formatNumber(mean)} on average`}
      </p>
      {tensor !== undefined &&
        elements > 1 &&
        (pictureLayout(tensor) === undefined ? <HeatMap tensor={tensor} /> : <PictureTensor tensor={tensor} />)}
    </>
  );
}

/** Numbers by name in the first row of both responses. */
function Scores({ first, second }: { first: SentRun; second: SentRun }) {
  const [a, b] = [first, second].map(({ run }) => numbersOf(predictionsOf(run)?.[0]));
  if (a === undefined || b === undefined) return null;
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted(
    (x, y) => Math.max(a[y] ?? 0, b[y] ?? 0) - Math.max(a[x] ?? 0, b[x] ?? 0),
  );
  return (
    <section class="scroll" aria-label="Responses">
      <table>
        <thead>
          <tr>
            <th scope="col">response</th>
            <th scope="col">first</th>
            <th scope="col">second</th>
            <th scope="col">difference</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{a[name] === undefined ? "—" : formatNumber(a[name])}</td>
              <td>{b[name] === undefined ? "—" : formatNumber(b[name])}</td>
              <td>{signed((b[name] ?? 0) - (a[name] ?? 0))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function signed(value: number): string {
  return value > 0 ? `+${formatNumber(value)}` : formatNumber(value);
}

function numbersOf(row: unknown): Record<string, number> | undefined {
  if (typeof row === "number") return { value: row };
  if (typeof row !== "object" || row === null) return undefined;
  const entries = Object.entries(row).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
