import { InferenceError } from "../../errors.ts";
import type { ClassMap } from "./class-map.ts";
import { encodeGreyPng } from "./encode-grey-png.ts";
import type { MaskForm } from "./instance-mask.ts";
import { type RunLengths, runLengthsOf } from "./run-lengths.ts";

/** One class of a picture, as a client gets it. */
export interface Segment {
  readonly [key: string]: string | RunLengths;
  readonly label: string;
  readonly mask: RunLengths | string;
}

/**
 * The classes that are on the picture, in the order of their numbers, each with its mask at the picture's size.
 * @param labels Names of the classes in the order of their numbers; without any the number is the label.
 * @throws InferenceError bad_gateway for a class without a label: the labels are not the model's.
 */
export async function toSegments(map: ClassMap, labels: readonly string[], form: MaskForm = "rle"): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const [name, lengths] of runLengthsOf(map)) {
    const label = labels.length === 0 ? String(name) : labels[name];
    if (label === undefined) {
      throw new InferenceError(`the model found class ${name}, and there are ${labels.length} labels`, {
        code: "bad_gateway",
      });
    }
    segments.push({ label, mask: form === "rle" ? lengths : await pngOf(map, name) });
  }
  return segments;
}

async function pngOf({ width, height, classes }: ClassMap, name: number): Promise<string> {
  const pixels = Uint8Array.from(classes, (own) => (own === name ? 255 : 0));
  return (await encodeGreyPng(pixels, width, height)).toString("base64");
}
