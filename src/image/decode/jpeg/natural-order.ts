/** Where the k-th coefficient of a block stands: diagonal by diagonal from the corner, in turning directions (ITU-T T.81, figure A.6). */
export const NATURAL_ORDER: Uint8Array = createNaturalOrder();

function createNaturalOrder(): Uint8Array {
  const order = new Uint8Array(64);
  for (let diagonal = 0, k = 0; diagonal < 15; diagonal++) {
    const first = Math.max(0, diagonal - 7);
    const last = Math.min(7, diagonal);
    for (let step = first; step <= last; step++, k++) {
      const column = diagonal % 2 === 0 ? step : diagonal - step;
      order[k] = (diagonal - column) * 8 + column;
    }
  }
  return order;
}
