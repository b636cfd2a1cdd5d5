import { DATATYPES, type Datatype } from "../../../src/tensor/datatype.ts";
import { fromRawBytes } from "../../../src/tensor/elements/raw-elements.ts";
import { nestedRows } from "../../../src/tensor/nested/nested-array.ts";

describe("long arrays", () => {
  test.each<Datatype>(["UINT8", "INT64", "FP16", "BF16", "FP32", "FP64", "BOOL"])(
    "of %s have the elements of short ones, whole and without holes",
    (datatype) => {
      const count = 40_000;
      const { bytes } = DATATYPES[datatype];
      const raw = Uint8Array.from({ length: count * bytes }, (_, i) => (i * 37 + (i >> 8)) & 127);
      const rows = nestedRows(fromRawBytes("x", datatype, [2, count / 2], raw), "text") as readonly unknown[][];
      const short = nestedRows(fromRawBytes("x", datatype, [count / 4, 4], raw), "text") as readonly unknown[][];
      expect(rows.flat()).toEqual(short.flat());
      for (const row of rows) expect(Object.keys(row)).toHaveLength(count / 2);
      if (datatype !== "BOOL" && datatype !== "INT64") {
        const [only] = nestedRows(fromRawBytes("x", datatype, [1, count], raw), "text") as readonly unknown[][];
        expect(only).toEqual(short.flat());
      }
    },
  );
});
