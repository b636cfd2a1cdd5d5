/**
 * Number arrays as JSON text in WebAssembly. AssemblyScript: scripts/build-kernels.mjs compiles it. The engine reads typed
 * arrays that a function gets as parameters several times slower than its own memory is read here.
 *
 * Elements come in pieces; each is written with a comma behind it, and between rows stand as many brackets as arrays end.
 * Texts are kept in entries of 16 bytes, the longest FP32 and a comma: one store copies an entry, and what it has too much
 * the next one overwrites.
 */

/** Writes an FP32 that the arithmetic here has no powers for, or that is no number, to `at`; returns where its text ends. */
declare function writeRare(element: usize, at: usize): usize;

/** Writes the text of a table's entry to `at`, a comma behind it; returns the bytes of both. */
declare function writeEntry(entry: i32, at: usize): usize;

const ENTRY: usize = 16;
const COMMA: u8 = 0x2c;
const POINT: u8 = 0x2e;
const ZEROS: u64 = ((<u64>0x30303030) << 32) | 0x30303030;

/** Places in memory, which never grows. Data of the compiler's own stands below. */
export const POWERS: usize = 4096;
const TENS: usize = POWERS + 64 * 8;
/** Sizes of the dimensions, the innermost last, and behind them how much of each is written. */
export const SIZES: usize = 8192;
const WRITTEN: usize = SIZES + 64 * 4;
const SCRATCH: usize = 9216;
/** Texts of up to 16 tables, and their lengths; 0 until they are made. */
export const CHANNELS: i32 = 16;
export const TABLE_TEXTS: usize = 16384;
export const TABLE_LENGTHS: usize = TABLE_TEXTS + 65536;
/** FP32 that came before: their bits, texts and lengths, one for each hash. */
const SLOT_BITS: i32 = 12;
const KEYS: usize = TABLE_LENGTHS + 4096;
const TEXTS: usize = KEYS + 16384;
const LENGTHS: usize = TEXTS + 65536;
export const INPUT: usize = LENGTHS + 4096;
export const INPUT_BYTES: usize = 16384;
export const OUTPUT: usize = INPUT + INPUT_BYTES;
export const OUTPUT_BYTES: usize = 80000;

let rank: i32 = 1;
/** Elements until the row ends, rows until the array of rows ends. */
let rowLeft: i32 = 0;
let rowsLeft: i32 = 0;
let channels: i32 = 1;
let channel: i32 = 0;
/** Elements of a channel that follow each other, and those until the channel changes. */
let run: i32 = 0;
let runLeft: i32 = 0;
/** Whole numbers keep it. */
let pointed: bool = false;

/** Begins a tensor whose sizes stand at SIZES, at the element `from`, as if those before it had been written. */
export function begin(dimensions: i32, tables: i32, elementsOfRun: i32, withPoint: i32, from: i32): void {
  rank = dimensions;
  const size = load<i32>(SIZES + <usize>(dimensions - 1) * 4);
  rowLeft = size - (from % size);
  const rows = dimensions === 1 ? 1 : load<i32>(SIZES + <usize>(dimensions - 2) * 4);
  rowsLeft = dimensions === 1 ? 0 : rows - ((from / size) % rows);
  for (let level = dimensions - 3, ended = from / size / rows; level >= 0; level--) {
    const sizeOfLevel = load<i32>(SIZES + <usize>level * 4);
    store<i32>(WRITTEN + <usize>level * 4, ended % sizeOfLevel);
    ended /= sizeOfLevel;
  }
  channels = tables;
  channel = (from / elementsOfRun) % tables;
  run = elementsOfRun;
  runLeft = run - (from % run);
  memory.fill(TABLE_LENGTHS, 0, (<usize>tables) << 8);
  if (pointed !== (withPoint !== 0)) memory.fill(LENGTHS, 0, 1 << SLOT_BITS);
  pointed = withPoint !== 0;
}

/** Bytes that texts take with a comma each, from where the tensor was begun; makes the entries that are missing. */
export function measureBytes(count: i32): usize {
  let bytes: usize = 0;
  let inRun = runLeft;
  let base = channel << 8;
  for (let from = INPUT; from < INPUT + <usize>count; from++) {
    const entry = base + <i32>load<u8>(from);
    const length: usize = load<u8>(TABLE_LENGTHS + <usize>entry);
    bytes += length === 0 ? addEntry(entry) : length;
    if (--inRun > 0) continue;
    inRun = run;
    base = base + 256 === channels << 8 ? 0 : base + 256;
  }
  runLeft = inRun;
  channel = base >> 8;
  return bytes;
}

/** Writes bytes by their tables, from where the tensor was begun; returns where the text ends. */
export function writeBytes(count: i32): usize {
  let at = OUTPUT;
  const end = INPUT + <usize>count;
  // Locals are registers, globals are memory.
  const size = load<i32>(SIZES + <usize>(rank - 1) * 4);
  const tables = channels << 8;
  const elements = run;
  let inRow = rowLeft;
  let inRun = runLeft;
  let base = channel << 8;
  for (let from = INPUT; from < end; from++) {
    const entry = base + <i32>load<u8>(from);
    let length: usize = load<u8>(TABLE_LENGTHS + <usize>entry);
    if (length === 0) length = addEntry(entry);
    v128.store(at, v128.load(TABLE_TEXTS + <usize>entry * ENTRY));
    at += length;
    if (--inRun === 0) {
      inRun = elements;
      base += 256;
      if (base === tables) base = 0;
    }
    if (--inRow === 0) {
      inRow = size;
      at = endRow(at);
    }
  }
  rowLeft = inRow;
  runLeft = inRun;
  channel = base >> 8;
  return at;
}

function addEntry(entry: i32): usize {
  const length = writeEntry(entry, TABLE_TEXTS + <usize>entry * ENTRY);
  store<u8>(TABLE_LENGTHS + <usize>entry, <u8>length);
  return length;
}

/** Writes FP32, from the first of a tensor on; returns where the text ends. */
export function writeFloats(count: i32): usize {
  let at = OUTPUT;
  const end = INPUT + <usize>count * 4;
  const size = load<i32>(SIZES + <usize>(rank - 1) * 4);
  let inRow = rowLeft;
  for (let from = INPUT; from < end; from += 4) {
    const bits = load<i32>(from);
    // Multiplying by 2^32 / golden ratio spreads neighbours (Knuth).
    const slot = <usize>(<u32>(bits * 0x9e3779b1) >> (32 - SLOT_BITS));
    let length: usize = load<u8>(LENGTHS + slot);
    if (length !== 0 && load<i32>(KEYS + slot * 4) === bits) {
      v128.store(at, v128.load(TEXTS + slot * ENTRY));
    } else {
      length = writeFloat(bits, (from - INPUT) >> 2);
      const text = v128.load(SCRATCH);
      v128.store(at, text);
      // The text of a NaN is another one from caller to caller.
      if ((bits & 0x7fffffff) < 0x7f800000) {
        v128.store(TEXTS + slot * ENTRY, text);
        store<i32>(KEYS + slot * 4, bits);
        store<u8>(LENGTHS + slot, <u8>length);
      }
    }
    at += length;
    if (--inRow === 0) {
      inRow = size;
      at = endRow(at);
    }
  }
  rowLeft = inRow;
  return at;
}

/** What stands between two rows: one array ends and one begins, or several. */
function endRow(behind: usize): usize {
  if (--rowsLeft <= 0) return endArrays(behind);
  // Over the comma, and a byte too much.
  store<u32>(behind - 1, 0x005b2c5d);
  return behind + 2;
}

function endArrays(behind: usize): usize {
  let at = behind - 1;
  let ended = rank === 1 ? 1 : 2;
  for (let level = rank - 3; level >= 0; level--) {
    const place = WRITTEN + <usize>level * 4;
    const written = load<i32>(place) + 1;
    if (written < load<i32>(SIZES + <usize>level * 4)) {
      store<i32>(place, written);
      break;
    }
    store<i32>(place, 0);
    ended++;
  }
  if (rank > 1) rowsLeft = load<i32>(SIZES + <usize>(rank - 2) * 4);
  for (let i = 0; i < ended; i++) store<u8>(at++, 0x5d);
  store<u8>(at++, COMMA);
  for (let i = 0; i < ended; i++) store<u8>(at++, 0x5b);
  return at;
}

/** Writes an FP32 and a comma to SCRATCH; returns the bytes of both. The arithmetic is that of write-float32.ts. */
function writeFloat(bits: i32, element: usize): usize {
  const magnitude = bits & 0x7fffffff;
  const length = magnitude - 0x00800000 < 0x7f000000 && magnitude >= 0x00800000 ? writeNormal(bits) : 0;
  const end = length === 0 ? writeRare(element, SCRATCH) : SCRATCH + length;
  store<u8>(end, COMMA);
  return end + 1 - SCRATCH;
}

function power(exponent: i32): f64 {
  return load<f64>(TENS + <usize>(exponent << 3));
}

/** The text's bytes; 0 for what needs powers of ten that doubles do not hold exactly. */
function writeNormal(bits: i32): usize {
  const magnitude = bits & 0x7fffffff;
  const size32 = reinterpret<f32>(magnitude);
  const size = <f64>size32;
  // log10(2) is all but 1233 / 4096; the next power of ten tells.
  const estimate = (((magnitude >>> 23) - 127) * 1233) >> 12;
  const exponent = size >= power(estimate + 1) ? estimate + 1 : estimate;
  // Half of the distance to the next FP32, which below a power of two is half as far.
  const half = (magnitude & 0x7fffff) === 0 ? NaN : reinterpret<f64>((<u64>((magnitude >>> 23) + 872)) << 52);
  for (let scale = 5 - exponent; scale <= 8 - exponent; scale++) {
    if (scale > 22 || scale < -22) return 0;
    const scaled = size * power(scale);
    const above = Math.ceil(scaled);
    const digits = above - 0.5 > scaled ? above - 1 : above;
    const room = half * power(scale);
    const away = Math.abs(digits - scaled);
    // Products are right to 2^-28 of the room; a division tells only where that is too little.
    if (away > room * 1.001) continue;
    if (away < room * 0.999 || readsBack(digits, scale, size32)) return writeDecimal(<u32>digits, scale, bits < 0);
  }
  return 0;
}

function readsBack(digits: f64, scale: i32, size: f32): bool {
  return <f32>(scale >= 0 ? digits / power(scale) : digits * power(-scale)) === size;
}

/** digits · 10^-scale, of 1 to 10^9, as writeDecimal of write-decimal.ts; returns its bytes. */
function writeDecimal(digits: u32, scale: i32, negative: bool): usize {
  let start = SCRATCH;
  if (negative) store<u8>(start++, 0x2d);
  /** Nine digits of which the first is none or more zeros. */
  let nine = digits === 1000000000 ? 100000000 : digits;
  let size = digits === 1000000000 ? 10 : 9;
  while (nine < 100000000) {
    nine *= 10;
    size--;
  }
  const point = size - scale;
  const first = nine / 100000000;
  const eight = eightDigits(nine - first * 100000000);
  const count: i32 = eight === 0 ? 1 : 9 - <i32>(clz(eight) >> 3);
  const head = <u8>(0x30 + first);
  const tail = eight | ZEROS;
  let end: usize;
  if (point <= 0 && point > -4) {
    store<u64>(start, ZEROS);
    store<u8>(start + 1, POINT);
    start += 2 - point;
    store<u8>(start, head);
    store<u64>(start + 1, tail);
    end = start + count;
  } else if (point > 0 && (point < count || point <= (pointed ? 12 : 14))) {
    // Nine digits, of which those behind the point move on by one.
    store<u8>(start, head);
    store<u64>(start + 1, tail);
    store<u64>(start + 9, ZEROS);
    end = start + point;
    if (point < count) {
      store<u8>(end, POINT);
      store<u64>(end + 1, tail >> <u64>((point - 1) << 3));
      end = start + count + 1;
    } else if (pointed) {
      store<u8>(end, POINT);
      store<u8>(end + 1, 0x30);
      end += 2;
    }
  } else {
    store<u8>(start, head);
    store<u8>(start + 1, POINT);
    store<u64>(start + 2, tail);
    end = start + (count === 1 ? 1 : count + 1);
    store<u8>(end++, 0x65);
    let tens = point - 1;
    if (tens < 0) {
      store<u8>(end++, 0x2d);
      tens = -tens;
    }
    if (tens >= 10) store<u8>(end++, <u8>(0x30 + tens / 10));
    store<u8>(end++, <u8>(0x30 + (tens % 10)));
  }
  return end - SCRATCH;
}

/** Eight digits of a number below 10^8 in the bytes of a word, the first one lowest: fours, pairs and digits at once. */
function eightDigits(number: u32): u64 {
  const upper = number / 10000;
  const fours = <u64>upper | ((<u64>(number - upper * 10000)) << 32);
  const hundreds = ((fours * 5243) >> 19) & 0x0000007f0000007f;
  const pairs = hundreds | ((fours - hundreds * 100) << 16);
  const tens = ((pairs * 103) >> 10) & 0x000f000f000f000f;
  return tens | ((pairs - tens * 10) << 8);
}
