import { brokenData, unsupportedKind } from "../refusal.ts";

/** A plane of a picture: brightness, a colour difference, an ink. */
export interface FrameComponent {
  readonly id: number;
  /** Samples beside and below each other for one of a component with the factors 1. */
  readonly across: number;
  readonly down: number;
  readonly quantization: number;
  /** Samples that belong to the picture. */
  readonly width: number;
  readonly height: number;
  /** Blocks of 8 × 8 that hold them. */
  readonly blocksAcross: number;
  readonly blocksDown: number;
  /** Blocks in memory, filled up to whole units of a scan of all components. */
  readonly stride: number;
  readonly rows: number;
}

/** What the frame header says (T.81, B.2.2). */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly isProgressive: boolean;
  /** The largest factors of any component. */
  readonly across: number;
  readonly down: number;
  /** Units of a scan of several components. */
  readonly unitsAcross: number;
  readonly unitsDown: number;
  readonly components: readonly FrameComponent[];
}

/** libjpeg's JPEG_MAX_DIMENSION, and TensorFlow's bound on width × height × components. */
const MAX_SIDE = 65_500;
const MAX_SAMPLES = 2 ** 29;

/** Reads the content of a frame header SOF0 to SOF2. */
export function readFrame(content: Uint8Array, isProgressive: boolean): Frame {
  const [precision, height, width, count] = [content[0], word(content, 1), word(content, 3), content[5] ?? 0];
  if (precision !== 8) throw unsupportedKind(`a JPEG of ${precision} bits a sample: TensorFlow reads 8`);
  if (content.length !== 6 + 3 * count || width === 0 || height === 0 || count === 0) throw brokenData("jpeg");
  if (width > MAX_SIDE || height > MAX_SIDE || width * height * count >= MAX_SAMPLES) {
    throw unsupportedKind(`a JPEG of ${width} × ${height} pixels: too large for TensorFlow`);
  }
  const parts = Array.from({ length: count }, (_, i) => content.subarray(6 + 3 * i, 9 + 3 * i));
  const factors = parts.map(([, packed = 0]) => [packed >> 4, packed & 15] as const);
  if (factors.some((pair) => pair.some((factor) => factor < 1 || factor > 4))) throw brokenData("jpeg");
  if (new Set(parts.map(([id]) => id)).size !== count) throw brokenData("jpeg");
  const across = Math.max(...factors.map(([horizontal]) => horizontal));
  const down = Math.max(...factors.map(([, vertical]) => vertical));
  const unitsAcross = Math.ceil(width / (8 * across));
  const unitsDown = Math.ceil(height / (8 * down));
  const components = parts.map(([id = 0, packed = 0, quantization = 0]): FrameComponent => {
    const [horizontal, vertical] = [packed >> 4, packed & 15];
    const [samplesAcross, samplesDown] = [
      Math.ceil((width * horizontal) / across),
      Math.ceil((height * vertical) / down),
    ];
    return {
      id,
      across: horizontal,
      down: vertical,
      quantization,
      width: samplesAcross,
      height: samplesDown,
      blocksAcross: Math.ceil(samplesAcross / 8),
      blocksDown: Math.ceil(samplesDown / 8),
      stride: unitsAcross * horizontal,
      rows: unitsDown * vertical,
    };
  });
  return { width, height, isProgressive, across, down, unitsAcross, unitsDown, components };
}

export function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
