import type { WasmMemory } from "../../tensor/compile-wasm.ts";
import type { Pixels } from "../image.ts";
import type { Taps } from "./filter-taps.ts";
import { planTaps, type ResizePlan } from "./resize-plan.ts";

/** What kernel.as.ts exports. */
export interface KernelExports {
  readonly memory: WasmMemory;
  columns(
    source: number,
    sourceStride: number,
    target: number,
    targetStride: number,
    width: number,
    rows: number,
    taps: number,
    tapStride: number,
  ): void;
  rows(
    source: number,
    sourceRow: number,
    target: number,
    rowBytes: number,
    first: number,
    end: number,
    taps: number,
    tapStride: number,
  ): void;
}

/** Bytes of source rows that are in the kernel's memory at a time: what a processor's second cache holds. */
const WINDOW_BYTES = 512 * 1024;
/** Memory never shrinks: one that a very large picture left is not kept. */
const KEPT_BYTES = 64 * 1024 * 1024;
const PAGE_BYTES = 65536;
/** Loads and stores may reach so far behind the last sample. */
const OVERRUN = 16;

interface Pass {
  readonly taps: Taps;
  /** Where the packed taps stand, and the bytes of each target sample's. */
  readonly at: number;
  readonly stride: number;
}

/**
 * Resampling in WebAssembly SIMD. The decoder's pixels go through a window of some rows, so that no second copy of a large
 * picture is made; what the first pass leaves stays in the kernel's memory for the second.
 */
export class SimdKernel {
  readonly #kernel: KernelExports;
  readonly #windowBytes: number;

  constructor(kernel: KernelExports, windowBytes: number = WINDOW_BYTES) {
    this.#kernel = kernel;
    this.#windowBytes = windowBytes;
  }

  get isTooLarge(): boolean {
    return this.#kernel.memory.buffer.byteLength > KEPT_BYTES;
  }

  resize(pixels: Pixels, plan: ResizePlan): Pixels {
    const { width, height, verticalFirst } = plan;
    const layout = new Layout();
    const { horizontal, vertical } = planTaps(pixels, plan);
    if (horizontal === undefined && vertical === undefined) return pixels;
    const columns = horizontal && placePass(layout, horizontal);
    const rows = vertical && placePass(layout, vertical);
    const middle =
      columns === undefined || rows === undefined
        ? undefined
        : verticalFirst
          ? layout.place((height + 1) * pixels.width * 3)
          : layout.place((pixels.height + 1) * width * 3);
    const target = layout.place(width * height * 3);
    const rowBytes = pixels.width * 3;
    const windowRows = Math.max(4, longest(vertical) + 1, Math.floor(this.#windowBytes / rowBytes));
    const window = layout.place((windowRows + 1) * rowBytes);
    const memory = this.#grow(layout.bytes);
    if (columns !== undefined) packTaps(memory, columns, 3);
    if (rows !== undefined) packTaps(memory, rows, 1);
    const view = new Uint8Array(memory.buffer);
    const source: Source = { pixels, view, window, windowRows };
    if (columns === undefined || rows === undefined || middle === undefined) {
      if (columns !== undefined) this.#columnsOf(source, columns, target, width);
      if (rows !== undefined) this.#rowsOf(source, rows, target, height);
    } else if (verticalFirst) {
      this.#rowsOf(source, rows, middle, height);
      this.#kernel.columns(middle, rowBytes, target, width * 3, width, height, columns.at, columns.stride);
    } else {
      this.#columnsOf(source, columns, middle, width);
      this.#kernel.rows(middle, 0, target, width * 3, 0, height, rows.at, rows.stride);
    }
    return { width, height, data: view.slice(target, target + width * height * 3) };
  }

  #columnsOf({ pixels, view, window, windowRows }: Source, pass: Pass, target: number, width: number): void {
    const rowBytes = pixels.width * 3;
    for (let y = 0; y < pixels.height; y += windowRows) {
      const count = Math.min(windowRows, pixels.height - y);
      view.set(pixels.data.subarray(y * rowBytes, (y + count) * rowBytes), window);
      this.#kernel.columns(window, rowBytes, target + y * width * 3, width * 3, width, count, pass.at, pass.stride);
    }
  }

  #rowsOf({ pixels, view, window, windowRows }: Source, pass: Pass, target: number, height: number): void {
    const rowBytes = pixels.width * 3;
    const { start, count } = pass.taps;
    const last = (y: number): number => (start[y] as number) + (count[y] as number);
    for (let y = 0; y < height; ) {
      const first = start[y] as number;
      let end = y + 1;
      while (end < height && last(end) - first <= windowRows) end += 1;
      view.set(pixels.data.subarray(first * rowBytes, last(end - 1) * rowBytes), window);
      this.#kernel.rows(window, first, target + y * rowBytes, rowBytes, y, end, pass.at, pass.stride);
      y = end;
    }
  }

  #grow(bytes: number): WasmMemory {
    const { memory } = this.#kernel;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    return memory;
  }
}

interface Source {
  readonly pixels: Pixels;
  readonly view: Uint8Array;
  readonly window: number;
  readonly windowRows: number;
}

/** Places in the kernel's memory, one behind the other. */
class Layout {
  bytes = 64;

  place(size: number): number {
    const at = this.bytes;
    this.bytes = at + Math.ceil((size + OVERRUN) / 64) * 64;
    return at;
  }
}

function longest(taps: Taps | undefined): number {
  return taps === undefined ? 0 : taps.stride;
}

function placePass(layout: Layout, taps: Taps): Pass {
  const stride = 8 + Math.ceil(taps.stride / 2) * 8;
  return { taps, stride, at: layout.place(taps.start.length * stride) };
}

/** The form that kernel.as.ts reads; `unit` is what offsets count, bytes of a pixel or rows. */
function packTaps(memory: WasmMemory, { taps, at, stride }: Pass, unit: number): void {
  const { start, count, weights } = taps;
  const words = new Int32Array(memory.buffer, at, (start.length * stride) / 4);
  const halves = new Int16Array(memory.buffer, at, (start.length * stride) / 2);
  for (let i = 0; i < start.length; i++) {
    const samples = count[i] as number;
    const pairs = (samples + 1) >> 1;
    const head = (i * stride) / 4;
    words[head] = (start[i] as number) * unit;
    words[head + 1] = pairs;
    for (let tap = 0, to = (head + 2) * 2; tap < pairs * 2; tap += 2, to += 4) {
      const first = weights[i * taps.stride + tap] as number;
      const second = tap + 1 < samples ? (weights[i * taps.stride + tap + 1] as number) : 0;
      halves[to] = first & 0x7fff;
      halves[to + 1] = second & 0x7fff;
      halves[to + 2] = first >> 15;
      halves[to + 3] = second >> 15;
    }
  }
}
