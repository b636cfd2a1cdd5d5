import type { ResampleSpecification, StepInput } from "../pipeline/specification.ts";
import type { ConfigReader } from "./config-reader.ts";
import type { ProcessorDefaults } from "./hugging-face-families.ts";

export type Backend = "pillow" | "torch";

/** Pillow's numbers of its kernels. */
const KERNELS = ["nearest", "lanczos", "bilinear", "bicubic"] as const;

type Target = Extract<StepInput, { step: "resize" }>["to"];

/** The steps of `size`, `resample` and what goes with them. */
export function readResize(reader: ConfigReader, defaults: ProcessorDefaults, backend: Backend): StepInput[] {
  const by = readResample(reader, defaults, backend);
  const given = reader.take("size");
  const size = withLongest(given, reader, defaults) ?? defaults.size;
  const share = defaults.cropShare === undefined ? 0 : reader.number("crop_pct", defaults.cropShare);
  if (!reader.flag("do_resize", true)) return [];
  if (defaults.sizing === "convnext") return resizeConvNext(size, share, reader, by, backend);
  const to = defaults.sizing === "dpt" ? readMultiples(size, reader) : readTarget(size, reader, defaults, share);
  return [{ step: "resize", to, with: by }];
}

/** DETR's files of old: `size` one number, the longest side beside it. */
function withLongest(size: unknown, reader: ConfigReader, { sizing, pads }: ProcessorDefaults): unknown {
  if (sizing !== "detr" && sizing !== "yolos") return size;
  // RT-DETR never had it.
  if (typeof size !== "number" || pads !== true) return size;
  return { shortest_edge: size, longest_edge: reader.number("max_size", 1333) };
}

function readResample(reader: ConfigReader, defaults: ProcessorDefaults, backend: Backend): ResampleSpecification {
  const number = reader.number("resample", KERNELS.indexOf(defaults.resample));
  const resample = KERNELS[number];
  if (resample === undefined) {
    throw reader.unexpected("resample", "0 (nearest), 1 (lanczos), 2 (bilinear) or 3 (bicubic)", number);
  }
  if (backend === "pillow") return { backend, resample, pillow: 13 };
  // The fast processors take Pillow's nearest for torchvision's nearest-exact, which looks at the same samples.
  return resample === "nearest"
    ? { backend, resample: "nearest-exact", antialias: false }
    : { backend, resample, antialias: true };
}

/** Below 384 pixels the middle is cut out of a larger picture, from there on it is stretched. */
function resizeConvNext(
  size: unknown,
  share: number,
  reader: ConfigReader,
  by: ResampleSpecification,
  backend: Backend,
): StepInput[] {
  const side = typeof size === "number" ? size : (memberOf(size, "shortest_edge") ?? memberOf(size, "height"));
  if (side === undefined) throw reader.unexpected("size", "shortest_edge", size);
  if (side >= 384) return [{ step: "resize", to: { fit: "stretch", size: [side, side] }, with: by }];
  return [
    { step: "resize", to: { fit: "shorter_side", side: Math.trunc(side / share) }, with: by },
    { step: "crop", size: [side, side], margin: "floor", gap: backend === "torch" ? "floor" : "ceil" },
  ];
}

function readTarget(size: unknown, reader: ConfigReader, { square, sizing }: ProcessorDefaults, share: number): Target {
  const isSquare = reader.flag("default_to_square", square);
  const sides = typeof size === "number" ? (isSquare ? { height: size, width: size } : { shortest_edge: size }) : size;
  const target = typeof sides === "object" && sides !== null ? findTarget(sides, sizing, share) : undefined;
  if (target !== undefined) return target;
  throw reader.unexpected(
    "size",
    sizing === "detr" || sizing === "yolos"
      ? "height and width, shortest_edge and longest_edge, or max_height and max_width"
      : "a number, height and width, shortest_edge, shortest_edge and longest_edge, or max_height and max_width",
    size,
  );
}

/** Undefined for members that the processor cannot read, and for those that it would not look at. */
function findTarget(sides: object, sizing: ProcessorDefaults["sizing"], share: number): Target | undefined {
  const [height, width] = [memberOf(sides, "height"), memberOf(sides, "width")];
  const [shortest, longest] = [memberOf(sides, "shortest_edge"), memberOf(sides, "longest_edge")];
  const [maxHeight, maxWidth] = [memberOf(sides, "max_height"), memberOf(sides, "max_width")];
  const isDetr = sizing === "detr" || sizing === "yolos";
  switch (Object.keys(sides).sort().join()) {
    case "height,width":
      if (height === undefined || width === undefined) return undefined;
      return sizing === "poolformer" ? enlarged(height, width, share) : { fit: "stretch", size: [height, width] };
    case "shortest_edge":
      if (shortest === undefined || isDetr) return undefined;
      if (sizing === "levit") return { fit: "shorter_side", side: Math.trunc((256 / 224) * shortest) };
      return sizing === "poolformer"
        ? { fit: "shorter_side", side: Math.trunc(shortest / share) }
        : { fit: "shorter_side", side: shortest };
    case "longest_edge,shortest_edge":
      if (shortest === undefined || longest === undefined || (sizing !== undefined && !isDetr)) return undefined;
      return { fit: "edges", shortest, longest, ...(sizing === "yolos" && { multiple: 16 }) };
    case "max_height,max_width":
      if (maxHeight === undefined || maxWidth === undefined || (sizing !== undefined && !isDetr)) return undefined;
      return { fit: "within", size: [maxHeight, maxWidth] };
    default:
      return undefined;
  }
}

/** DPT: proportions may be kept by the side that changes less, and sides are whole multiples. */
function readMultiples(size: unknown, reader: ConfigReader): Target {
  const multiple = reader.number("ensure_multiple_of", 1);
  const proportions = reader.flag("keep_aspect_ratio", false);
  const isSquare = typeof size === "number" && reader.flag("default_to_square", true);
  const [height, width] = isSquare ? [size, size] : [memberOf(size, "height"), memberOf(size, "width")];
  if (height === undefined || width === undefined)
    throw reader.unexpected("size", "a number, or height and width", size);
  if (!Number.isInteger(multiple) || multiple < 1) {
    throw reader.unexpected("ensure_multiple_of", "a whole number from 1 on", multiple);
  }
  return { fit: "multiples", size: [height, width], multiple, proportions };
}

/** PoolFormer: the size is a share of the resized picture. */
function enlarged(height: number, width: number, share: number): Target {
  return height === width
    ? { fit: "shorter_side", side: Math.trunc(height / share) }
    : { fit: "stretch", size: [Math.trunc(height / share), Math.trunc(width / share)] };
}

export function memberOf(value: unknown, key: string): number | undefined {
  const member =
    typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  return typeof member === "number" ? member : undefined;
}
