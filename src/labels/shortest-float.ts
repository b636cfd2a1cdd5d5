/**
 * The shortest decimal that reads back as the same float32, as a double: 0.8 where the float32 is 0.800000011920929.
 * Nine digits always tell a float32 from its neighbours; mostly fewer do.
 */
export function shortestFloat32(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
