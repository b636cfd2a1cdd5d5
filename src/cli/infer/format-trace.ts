import type { RunTrace, TensorTrace, TraceContent, TraceStage } from "../../playground/trace.ts";
import { formatPicture } from "./format-picture.ts";

const BAR = 32;
const MAX_ROWS = 3;

export interface FormatTraceOptions {
  /** 24-bit colours for pictures; shades of characters without. */
  readonly color: boolean;
}

/** A run for a terminal: stages on one scale, what each hook made, tensors as the model sees them, and the response. */
export function formatTrace(trace: RunTrace, options: FormatTraceOptions): string {
  const { protocol, verb, model, status, milliseconds } = trace;
  const parts = [
    `${protocol} ${verb} ${model}: ${status} in ${milliseconds.toFixed(1)} ms`,
    ...trace.stages.map((stage) => formatStage(stage, milliseconds)),
    ...formatContent("received", trace.received, options),
    ...formatContent("preprocess made", trace.preprocess, options),
    ...trace.predictor.map(
      ({ protocol: spoken, path, request, response }) =>
        `\npredictor: ${spoken} ${path}, ${request.length} bytes sent, ${response?.length ?? 0} received`,
    ),
    ...formatContent("predictor gave", trace.predict, options),
    ...formatContent("postprocess made", trace.postprocess, options),
  ];
  if (trace.error !== undefined) parts.push(`\n${trace.error.code}: ${trace.error.message}`);
  for (const frame of trace.error?.thrown?.frames ?? [])
    parts.push(`    at ${frame.file}:${frame.line}:${frame.column}`);
  return `${parts.join("\n")}\n`;
}

function formatStage({ name, startMs, milliseconds = 0, failed }: TraceStage, total: number): string {
  const scale = BAR / Math.max(total, 0.001);
  const start = Math.min(BAR - 1, Math.floor(startMs * scale));
  const length = Math.max(1, Math.min(BAR - start, Math.round(milliseconds * scale)));
  const bar = `${" ".repeat(start)}${"█".repeat(length)}`.padEnd(BAR);
  return `  ${name.padEnd(12)}${bar} ${milliseconds.toFixed(1).padStart(8)} ms${failed ? "  failed" : ""}`;
}

function formatContent(title: string, content: TraceContent | undefined, options: FormatTraceOptions): string[] {
  if (content === undefined) return [];
  const lines = [`\n${title}:`];
  if (content.native === "rows" && "shown" in content.rows) {
    for (const row of content.rows.shown.slice(0, MAX_ROWS)) lines.push(`  ${shorten(JSON.stringify(row))}`);
    if (content.rows.count > MAX_ROWS) lines.push(`  … ${content.rows.count} rows`);
    return lines;
  }
  if ("unavailable" in content.tensors) return [...lines, `  ${content.tensors.unavailable}`];
  return [...lines, ...content.tensors.flatMap((tensor) => formatTensor(tensor, options))];
}

function formatTensor(tensor: TensorTrace, options: FormatTraceOptions): string[] {
  const { name, datatype, shape, statistics, texts } = tensor;
  const head = `  ${name} ${datatype} [${shape.join(", ")}]`;
  if (texts !== undefined) return [head, `    ${shorten(texts.slice(0, MAX_ROWS).join(" | "))}`];
  if (statistics === undefined) return [head];
  const { min, max, mean, deviation, nan } = statistics;
  const numbers = [`min ${short(min)}`, `max ${short(max)}`, `mean ${short(mean)}`, `deviation ${short(deviation)}`];
  const lines = [`${head}  ${numbers.join(", ")}${nan > 0 ? `, ${nan} NaN` : ""}`];
  const picture = formatPicture(tensor, options.color);
  return picture === undefined ? lines : [...lines, ...picture.map((line) => `    ${line}`)];
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function shorten(text: string): string {
  return text.length <= 110 ? text : `${text.slice(0, 109)}…`;
}
