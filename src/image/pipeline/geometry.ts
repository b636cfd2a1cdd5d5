/** A box on a picture in pixels: left, top, right, bottom. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** Where a picture went on its way to the tensor: x becomes x × scaleX + offsetX. Whole numbers are edges of pixels. */
export class ImageGeometry {
  /** The picture's own size. */
  readonly width: number;
  readonly height: number;
  readonly scaleX: number;
  readonly scaleY: number;
  readonly offsetX: number;
  readonly offsetY: number;

  constructor(
    width: number,
    height: number,
    scale: readonly [number, number] = [1, 1],
    offset: readonly [number, number] = [0, 0],
  ) {
    this.width = width;
    this.height = height;
    [this.scaleX, this.scaleY] = scale;
    [this.offsetX, this.offsetY] = offset;
  }

  /** From the same members. */
  static from({
    width,
    height,
    scaleX,
    scaleY,
    offsetX,
    offsetY,
  }: Omit<ImageGeometry, "scaled" | "moved" | "inverse">): ImageGeometry {
    return new ImageGeometry(width, height, [scaleX, scaleY], [offsetX, offsetY]);
  }

  scaled(byX: number, byY: number): ImageGeometry {
    const scale = [this.scaleX * byX, this.scaleY * byY] as const;
    return new ImageGeometry(this.width, this.height, scale, [this.offsetX * byX, this.offsetY * byY]);
  }

  moved(byX: number, byY: number): ImageGeometry {
    return new ImageGeometry(
      this.width,
      this.height,
      [this.scaleX, this.scaleY],
      [this.offsetX + byX, this.offsetY + byY],
    );
  }

  /** Boxes on the tensor, put back on the original picture and cut off at its border. */
  inverse(boxes: readonly Box[]): Box[] {
    const x = (value: number): number => Math.min(this.width, Math.max(0, (value - this.offsetX) / this.scaleX));
    const y = (value: number): number => Math.min(this.height, Math.max(0, (value - this.offsetY) / this.scaleY));
    return boxes.map(([left, top, right, bottom]) => [x(left), y(top), x(right), y(bottom)]);
  }
}
