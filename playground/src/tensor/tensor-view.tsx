import { useState } from "preact/hooks";
import type { TensorTrace } from "../../../src/playground/trace.ts";
import { formatNumber } from "../bytes.ts";
import { HeatMap } from "./heat-map.tsx";
import { Histogram } from "./histogram.tsx";
import { PictureTensor } from "./picture-tensor.tsx";
import { pictureLayout } from "./tensor-data.ts";
import { TokenChips } from "./token-chips.tsx";
import { VectorTable } from "./vector-table.tsx";

type View = "picture" | "table" | "tokens" | "heat map" | "texts";

/** One tensor: what it is, what its values amount to, and the view that suits it; the others are a click away. */
export function TensorView({ tensor, names }: { tensor: TensorTrace; names?: readonly string[] | undefined }) {
  const views = viewsOf(tensor, names);
  const [chosen, setChosen] = useState<View>();
  const view = chosen !== undefined && views.includes(chosen) ? chosen : views[0];
  const { statistics } = tensor;
  return (
    <figure class="tensor">
      <figcaption>
        <strong>{tensor.name}</strong>
        <span class="tag">{tensor.datatype}</span>
        <code class="shape">[{tensor.shape.join(", ")}]</code>
        {views.length > 1 && (
          <fieldset class="switch" aria-label={`View of ${tensor.name}`}>
            {views.map((each) => (
              <button key={each} type="button" aria-pressed={each === view} onClick={() => setChosen(each)}>
                {each}
              </button>
            ))}
          </fieldset>
        )}
      </figcaption>
      {tensor.elements === 0 ? <p class="quiet">No elements.</p> : <Body view={view} tensor={tensor} names={names} />}
      {statistics !== undefined && tensor.elements > 1 && (
        <div class="statistics">
          <Histogram statistics={statistics} />
          <dl>
            <Statistic name="min" value={formatNumber(statistics.min)} />
            <Statistic name="max" value={formatNumber(statistics.max)} />
            <Statistic name="mean" value={formatNumber(statistics.mean)} />
            <Statistic name="std" value={formatNumber(statistics.deviation)} />
            <Statistic name="NaN" value={String(statistics.nan)} alarming={statistics.nan > 0} />
            {statistics.infinite > 0 && <Statistic name="Inf" value={String(statistics.infinite)} alarming />}
          </dl>
        </div>
      )}
      {tensor.sent < tensor.elements && (
        <p class="quiet">
          The first {tensor.sent} of {tensor.elements} elements.
        </p>
      )}
    </figure>
  );
}

function Statistic({ name, value, alarming = false }: { name: string; value: string; alarming?: boolean }) {
  return (
    <div class={alarming ? "alarming" : undefined}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function viewsOf(tensor: TensorTrace, names: readonly string[] | undefined): View[] {
  if (tensor.dataType === undefined) return ["texts"];
  const views: View[] = [];
  if (pictureLayout(tensor) !== undefined) views.push("picture");
  const columns = tensor.shape.at(-1) ?? 1;
  const isInteger = !tensor.dataType.startsWith("f");
  const isTokens = isInteger && tensor.shape.length === 2 && /ids?$|token|mask/i.test(tensor.name);
  if (isTokens) views.push("tokens");
  if (views.length === 0 && (names?.length === columns || columns <= 64)) views.push("table");
  views.push("heat map");
  if (!views.includes("table") && columns <= 512) views.push("table");
  return views;
}

function Body({
  view,
  tensor,
  names,
}: {
  view: View | undefined;
  tensor: TensorTrace;
  names: readonly string[] | undefined;
}) {
  if (view === "picture") return <PictureTensor tensor={tensor} />;
  if (view === "tokens") return <TokenChips tensor={tensor} />;
  if (view === "heat map") return <HeatMap tensor={tensor} />;
  if (view === "table") return <VectorTable tensor={tensor} names={names} />;
  return (
    <ol class="texts">
      {tensor.texts?.map((text, index) => (
        <li key={index}>
          <code>{text}</code>
        </li>
      ))}
    </ol>
  );
}
