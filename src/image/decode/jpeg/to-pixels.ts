import type { Pixels } from "../../image.ts";
import { brokenData, unsupportedKind } from "../refusal.ts";
import type { Colours } from "./choose-colours.ts";
import { type ComponentData, toPlane, transformAll } from "./component-data.ts";
import type { Frame } from "./jpeg-frame.ts";
import { upsampleRow } from "./upsample-row.ts";

/** Where one of so many first coefficients lacks bits, libjpeg smooths a progressive picture. */
const SMOOTHED = 10;

/** The pixels, when all scans were read. */
export function toPixels(frame: Frame, components: readonly ComponentData[], { needed, convert }: Colours): Pixels {
  assertComplete(frame, components);
  const { width, height, across, down } = frame;
  const used = components.slice(0, needed);
  for (const { component } of used) {
    if (across % component.across === 0 && down % component.down === 0) continue;
    throw unsupportedKind(
      "a JPEG with factors of sampling that are no multiples of each other: TensorFlow does not read it",
    );
  }
  for (const data of used) transformAll(data);
  const planes = used.map((data) => toPlane(data, frame));
  // The last sample across may stand for more pixels than there are.
  const rows = planes.map((plane) => new Uint8Array(plane.width * plane.across));
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (const [index, plane] of planes.entries()) upsampleRow(plane, y, rows[index] as Uint8Array);
    convert(rows, width, rgb, y * width * 3);
  }
  return { width, height, data: rgb };
}

function assertComplete({ isProgressive }: Frame, components: readonly ComponentData[]): void {
  for (const { lacking } of components) {
    if ((lacking[0] as number) < 0) throw brokenData("jpeg");
    if (!isProgressive || lacking.subarray(0, SMOOTHED).every((bits) => bits === 0)) continue;
    throw unsupportedKind(
      "a progressive JPEG without its last scans: TensorFlow smooths such a picture, and that is not reproduced",
    );
  }
}
