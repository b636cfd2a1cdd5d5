const { floor, fround, min } = Math;

/** For each place of a longer or shorter side: the two places it lies between, and their shares. */
export interface LinearTaps {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly firstWeight: Float32Array;
  readonly secondWeight: Float32Array;
}

/** Those of torch's `interpolate(mode="bilinear", align_corners=False)`, from a side of `from` places to one of `to`. */
export function linearTaps(from: number, to: number): LinearTaps {
  const taps = {
    first: new Uint32Array(to),
    second: new Uint32Array(to),
    firstWeight: new Float32Array(to),
    secondWeight: new Float32Array(to),
  };
  const scale = fround(from / to);
  for (let place = 0; place < to; place++) {
    const source = Math.max(0, fround(fround(scale * fround(place + 0.5)) - 0.5));
    const first = min(floor(source), from - 1);
    const share = min(1, fround(source - first));
    taps.first[place] = first;
    taps.second[place] = min(first + 1, from - 1);
    taps.firstWeight[place] = fround(1 - share);
    taps.secondWeight[place] = share;
  }
  return taps;
}
