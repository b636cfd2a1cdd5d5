import fc from "fast-check";

/** One change to bytes; places are fractions, so that the same change fits bytes of any length. */
type Mutation =
  | { readonly kind: "replace"; readonly at: number; readonly byte: number }
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "remove"; readonly at: number; readonly length: number }
  | { readonly kind: "repeat"; readonly at: number; readonly length: number }
  | { readonly kind: "cut"; readonly at: number };

/** What parsers have stumbled over: lengths, numbers at their edges, halves of characters, names of JavaScript's own. */
const TOKENS: readonly string[] = [
  ...'{}[]",:\\ \n\u0000'.split(""),
  "null",
  "NaN",
  "-Infinity",
  "1e999",
  "-0",
  "1e-999",
  "9007199254740993",
  "18446744073709551616",
  "0.1e",
  "\\u0000",
  "\\ud800",
  "\\udc00\\ud800",
  '"__proto__":',
  '"constructor":{"prototype":{}},',
  '"instances":',
  '"inputs":',
  '"shape":[4294967296,4294967296],',
  '"shape":[-1],',
  '"datatype":"BYTES",',
  '"parameters":{"binary_data_size":4294967295},',
  '{"b64":"',
  "data:image/png;base64,",
  "data:,%zz",
  "[".repeat(100),
  '{"a":'.repeat(100),
  "\uFEFF",
];

const BYTES: readonly Uint8Array[] = [
  ...TOKENS.map((token) => new TextEncoder().encode(token)),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0xff, 0xff, 0xff, 0x7f),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
  Uint8Array.of(0x80),
  Uint8Array.of(0xc0, 0x80),
  Uint8Array.of(0xed, 0xa0, 0x80),
  Uint8Array.of(0x0b, 0x0c),
];

const place = fc.double({ min: 0, max: 1, noNaN: true });
const short = fc.integer({ min: 1, max: 16 });

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("replace" as const), at: place, byte: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant("flip" as const), at: place, bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant("insert" as const), at: place, bytes: fc.constantFrom(...BYTES) }),
  fc.record({ kind: fc.constant("remove" as const), at: place, length: short }),
  fc.record({ kind: fc.constant("repeat" as const), at: place, length: short }),
  fc.record({ kind: fc.constant("cut" as const), at: place }),
);

/** The bytes as they are, with a few changes, or others altogether. */
export function hostile(wellFormed: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const mutated = fc
    .tuple(wellFormed, fc.array(mutation, { minLength: 1, maxLength: 6 }))
    .map(([bytes, mutations]) => mutations.reduce(mutate, bytes));
  const random = fc.uint8Array({ maxLength: 200 });
  const tokens = fc.array(fc.constantFrom(...BYTES), { maxLength: 40 }).map((parts) => join(...parts));
  return fc.oneof(
    { weight: 2, arbitrary: wellFormed },
    { weight: 6, arbitrary: mutated },
    { weight: 1, arbitrary: random },
    { weight: 1, arbitrary: tokens },
  );
}

function mutate(bytes: Uint8Array, change: Mutation): Uint8Array {
  const at = Math.min(Math.floor(change.at * bytes.length), Math.max(bytes.length - 1, 0));
  switch (change.kind) {
    case "replace":
      return join(bytes.subarray(0, at), Uint8Array.of(change.byte), bytes.subarray(at + 1));
    case "flip":
      return join(bytes.subarray(0, at), Uint8Array.of((bytes[at] ?? 0) ^ (1 << change.bit)), bytes.subarray(at + 1));
    case "insert":
      return join(bytes.subarray(0, at), change.bytes, bytes.subarray(at));
    case "remove":
      return join(bytes.subarray(0, at), bytes.subarray(at + change.length));
    case "repeat":
      return join(bytes.subarray(0, at + change.length), bytes.subarray(at));
    case "cut":
      return bytes.slice(0, at);
  }
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
