import { useEffect, useRef } from "preact/hooks";
import type { TensorTrace } from "../../../src/playground/trace.ts";
import { formatNumber } from "../bytes.ts";
import { useProbe } from "./probe.tsx";
import { elementsOf, indicesOf, matrixOf } from "./tensor-data.ts";

/** Cells that a canvas of this page takes across and down. */
const MAX_SIDE = 2048;

/** Any tensor: the last dimension across, the others down; blue is low, yellow high, magenta NaN. */
export function HeatMap({ tensor }: { tensor: TensorTrace }) {
  const [allRows, allColumns] = matrixOf(tensor);
  const [rows, columns] = [Math.min(allRows, MAX_SIDE), Math.min(allColumns, MAX_SIDE)];
  const ref = useRef<HTMLCanvasElement>(null);
  const { point, handlers } = useProbe(columns, rows);
  useEffect(() => {
    const drawing = ref.current?.getContext("2d");
    if (drawing == null || rows === 0) return;
    drawing.putImageData(paint(tensor, rows, columns, allColumns), 0, 0);
  }, [tensor]);
  const index = point && point.y * allColumns + point.x;
  const value = index === undefined ? undefined : elementsOf(tensor)[index];
  return (
    <div class="heat-map">
      <div class="canvas-frame" role="img" aria-label={`Tensor ${tensor.name} as a heat map`} {...handlers}>
        <canvas ref={ref} width={columns} height={Math.max(1, rows)} class={rows < 24 ? "flat" : undefined} />
      </div>
      <output class="probe" aria-live="off">
        {value === undefined || index === undefined
          ? `${rows} × ${columns} cells`
          : `[${indicesOf(index, tensor.shape).join(", ")}]: ${formatNumber(value)}`}
      </output>
    </div>
  );
}

function paint(tensor: TensorTrace, rows: number, columns: number, stride: number): ImageData {
  const elements = elementsOf(tensor);
  const { min = 0, max = 1 } = tensor.statistics ?? {};
  const scale = 1 / (max - min || 1);
  const image = new ImageData(columns, rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const value = Number(elements[y * stride + x] ?? Number.NaN);
      image.data.set([...colourOf((value - min) * scale), 255], (y * columns + x) * 4);
    }
  }
  return image;
}

/** Stops of a scale whose lightness grows evenly, so that it also reads in grey. */
const STOPS = [
  [24, 32, 92],
  [38, 89, 148],
  [36, 142, 140],
  [94, 190, 98],
  [250, 224, 74],
] as const;

export function colourOf(share: number): readonly [number, number, number] {
  if (Number.isNaN(share)) return [255, 0, 255];
  const at = Math.max(0, Math.min(1, share)) * (STOPS.length - 1);
  const from = STOPS[Math.floor(at)] ?? STOPS[0];
  const to = STOPS[Math.min(STOPS.length - 1, Math.floor(at) + 1)] ?? from;
  const mix = (low: number, high: number) => low + (high - low) * (at - Math.floor(at));
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}
