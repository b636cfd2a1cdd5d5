import type { WorkSlots } from "../inference/work-slots.ts";

/** Decoded pixels: RGB, 8 bits a channel, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** width × height × 3 bytes. */
  readonly data: Uint8Array;
}

/** File formats that are read. SVG is not among them and never will be: it is a program that fetches. */
export type ImageFormat = "jpeg" | "png" | "gif" | "webp" | "avif" | "tiff" | "bmp" | "pnm" | "tga";

/** Kernels, as Pillow names them. */
export type Resample = "nearest" | "box" | "bilinear" | "hamming" | "bicubic" | "lanczos";

/** A part of a picture, in pixels from the left upper corner; its sides may lie between pixels. */
export type PixelBox = readonly [left: number, top: number, right: number, bottom: number];

/** A size to decode to with libvips, which may skip most of a large JPEG; close to Pillow's pixels, not equal. */
export interface FastResize {
  readonly width: number;
  readonly height: number;
  readonly resample: Exclude<Resample, "box" | "hamming">;
}

/** Version of Pillow whose pixels are wanted: 12 stands for every one up to 12.3. */
export type PillowVersion = 12 | 13;

/** How an image becomes the bytes of a tensor, as plain data: it can go to another thread. */
export interface RenderSpec {
  readonly width: number;
  readonly height: number;
  readonly resample: Resample;
  readonly pillow: PillowVersion;
  /** Shorter side to resize to before `width` × `height` are cut out of the middle. */
  readonly shorterSide: number | undefined;
  readonly mode: "exact" | "fast";
  readonly layout: "NHWC" | "NCHW";
  readonly channels: "RGB" | "BGR";
}

/** Work on a file, as plain data: decoding and what follows, where nobody waits for the event loop. */
export interface ImageTask {
  /** Its default export is called with the members of `input` and `encoded`, the file. */
  readonly module: URL;
  readonly input: object;
}

/** An encoded image whose header was read and found acceptable. Its pixels are decoded when asked for, and not kept. */
export interface Image {
  readonly format: ImageFormat;
  /** Pixels across, after the EXIF orientation where that is applied. */
  readonly width: number;
  readonly height: number;
  /** The server's slots: who decodes it to the full size does so in one, until the pixels are no longer held. */
  readonly slots?: WorkSlots;
  /** @throws InferenceError invalid_argument when the data behind the header is broken. */
  decode(resize?: FastResize): Promise<Pixels>;
  /** TensorFlow's pixels, where it reads such a file; grey stands three times. @throws InferenceError as `decode`. */
  decodeAsTensorflow?(mode: "RGB" | "L"): Promise<Pixels>;
  /** Runs a task of this room with the file in a thread of the server's; undefined where it has none. */
  inThread?(task: ImageTask): Promise<unknown>;
}
