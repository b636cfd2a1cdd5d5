import { DATATYPES, type Datatype, type TensorData } from "../datatype.ts";
import type { JsonValue } from "../json-value.ts";
import { parseBase64Data } from "./base64.ts";
import { toBfloat16, toFloat16 } from "./float16.ts";

/** How JSON values become elements of a datatype. */
export interface ElementRule {
  /** What a message says it expected. */
  readonly expected: string;
  /** Stores the value as element `index`; false when it does not fit, and nothing is stored. */
  set(data: TensorData, index: number, value: JsonValue): boolean;
}

/** True for `{"b64": "…"}`, the form in which V1 carries bytes. */
export function isBase64Object(value: JsonValue): value is { readonly b64: string } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const object = value as { readonly [key: string]: JsonValue };
  return typeof object["b64"] === "string" && Object.keys(object).length === 1;
}

/** Numbers from here on round to infinity. */
export const FLOAT_LIMITS: Readonly<Record<"FP16" | "BF16" | "FP32" | "FP64", number>> = {
  FP16: 65520,
  BF16: (2 - 2 ** -8) * 2 ** 127,
  FP32: (2 - 2 ** -24) * 2 ** 127,
  FP64: Number.POSITIVE_INFINITY,
};

/** The rule of a datatype that somebody declared: to floats by rounding, to integers only exactly. */
export function ruleOf(datatype: Datatype): ElementRule {
  switch (datatype) {
    case "BOOL":
      return BOOL_RULE;
    case "BYTES":
      return BYTES_RULE;
    case "FP16":
      return floatRule(datatype, toFloat16);
    case "BF16":
      return floatRule(datatype, toBfloat16);
    case "FP32":
    case "FP64":
      return floatRule(datatype, (value) => value);
    default:
      return integerRule(datatype);
  }
}

/** The rule of numbers that nobody declared: FP64, unless they look like integers that FP64 may have rounded. */
export const UNDECLARED_NUMBER: ElementRule = {
  expected: "a number (integers beyond 2^53 need a declared datatype)",
  set(data, index, value) {
    if (typeof value !== "number" || isDoubtfulInteger(value)) return false;
    (data as Float64Array)[index] = value;
    return true;
  },
};

/** An integer between 2^53 and 2^64 may be an id that a reader rounded; a larger one fits no integer datatype anyway. */
export function isDoubtfulInteger(value: number): boolean {
  const size = Math.abs(value);
  return size > Number.MAX_SAFE_INTEGER && size < 2 ** 64;
}

const BOOL_RULE: ElementRule = {
  expected: "true or false",
  set(data, index, value) {
    if (typeof value !== "boolean") return false;
    (data as Uint8Array)[index] = value ? 1 : 0;
    return true;
  },
};

const BYTES_RULE: ElementRule = {
  expected: 'a string or {"b64": base64}',
  set(data, index, value) {
    const bytes = bytesOf(value);
    if (bytes === undefined) return false;
    (data as Uint8Array[])[index] = bytes;
    return true;
  },
};

function bytesOf(value: JsonValue): Uint8Array | undefined {
  if (typeof value === "string") return new TextEncoder().encode(value);
  return isBase64Object(value) ? parseBase64Data(value.b64) : undefined;
}

function floatRule(datatype: keyof typeof FLOAT_LIMITS, convert: (value: number) => number): ElementRule {
  const limit = FLOAT_LIMITS[datatype];
  return {
    expected: `a number that ${datatype} holds`,
    set(data, index, value) {
      if (typeof value !== "number" && typeof value !== "bigint") return false;
      const number = Number(value);
      const finite = typeof value === "bigint" || Number.isFinite(value);
      if (finite && Math.abs(number) >= limit) return false;
      (data as Float64Array)[index] = convert(number);
      return true;
    },
  };
}

function integerRule(datatype: Datatype): ElementRule {
  const { range, kind } = DATATYPES[datatype];
  const [smallest, largest] = range as readonly [bigint, bigint];
  return {
    expected: `a whole number from ${smallest} to ${largest}`,
    set(data, index, value) {
      if (typeof value !== "bigint" && (typeof value !== "number" || !Number.isInteger(value))) return false;
      const whole = BigInt(value);
      if (whole < smallest || whole > largest) return false;
      if (kind === "bigint") (data as BigInt64Array)[index] = whole;
      else (data as Int32Array)[index] = Number(whole);
      return true;
    },
  };
}
