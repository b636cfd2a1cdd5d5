/** Samples of one component. */
export interface Plane {
  readonly data: Uint8Array;
  /** Samples from one row to the next; `width` × `height` of them belong to the picture. */
  readonly stride: number;
  readonly width: number;
  readonly height: number;
  /** How often the component's samples fit across and down into those of the picture. */
  readonly across: number;
  readonly down: number;
}

/**
 * Writes the component's samples for row `y` of the picture. Between samples half as many as the picture's, libjpeg takes three
 * quarters of the nearer and one of the farther; where there are less, or no third beside two, each is repeated.
 */
export function upsampleRow(plane: Plane, y: number, to: Uint8Array): void {
  const { across, down, width } = plane;
  if (across === 1 && down === 2) mixRows(plane, y, to);
  else if (across === 2 && down === 1 && width > 2) mixColumns(plane, y, to);
  else if (across === 2 && down === 2 && width > 2) mixBoth(plane, y, to);
  else repeat(plane, y, to);
}

function repeat({ data, width, stride, across, down }: Plane, y: number, to: Uint8Array): void {
  const from = Math.floor(y / down) * stride;
  if (across === 1) {
    to.set(data.subarray(from, from + width));
    return;
  }
  for (let x = 0, i = 0; x < width; x++, i += across) to.fill(data[from + x] as number, i, i + across);
}

/** Where the nearer and the farther row begin, of a component with half of the picture's rows. */
function nearRows({ stride, height }: Plane, y: number): readonly [near: number, far: number] {
  const near = y >> 1;
  const far = Math.min(Math.max(near + (y % 2 === 0 ? -1 : 1), 0), height - 1);
  return [near * stride, far * stride];
}

function mixRows(plane: Plane, y: number, to: Uint8Array): void {
  const [near, far] = nearRows(plane, y);
  const bias = y % 2 === 0 ? 1 : 2;
  const { data, width } = plane;
  for (let x = 0; x < width; x++) to[x] = ((data[near + x] as number) * 3 + (data[far + x] as number) + bias) >> 2;
}

function mixColumns({ data, width, stride }: Plane, y: number, to: Uint8Array): void {
  const from = y * stride;
  const last = width - 1;
  to[0] = data[from] as number;
  to[1] = ((data[from] as number) * 3 + (data[from + 1] as number) + 2) >> 2;
  for (let x = 1; x < last; x++) {
    const near = (data[from + x] as number) * 3;
    to[2 * x] = (near + (data[from + x - 1] as number) + 1) >> 2;
    to[2 * x + 1] = (near + (data[from + x + 1] as number) + 2) >> 2;
  }
  to[2 * last] = ((data[from + last] as number) * 3 + (data[from + last - 1] as number) + 1) >> 2;
  to[2 * last + 1] = data[from + last] as number;
}

function mixBoth(plane: Plane, y: number, to: Uint8Array): void {
  const [near, far] = nearRows(plane, y);
  const { data, width } = plane;
  let before = 0;
  let here = (data[near] as number) * 3 + (data[far] as number);
  let after = (data[near + 1] as number) * 3 + (data[far + 1] as number);
  to[0] = (here * 4 + 8) >> 4;
  to[1] = (here * 3 + after + 7) >> 4;
  for (let x = 1; x < width - 1; x++) {
    before = here;
    here = after;
    after = (data[near + x + 1] as number) * 3 + (data[far + x + 1] as number);
    to[2 * x] = (here * 3 + before + 8) >> 4;
    to[2 * x + 1] = (here * 3 + after + 7) >> 4;
  }
  to[2 * width - 2] = (after * 3 + here + 8) >> 4;
  to[2 * width - 1] = (after * 4 + 7) >> 4;
}
