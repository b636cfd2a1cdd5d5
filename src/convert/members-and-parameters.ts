import { type ErrorCode, InferenceError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../tensor/json-value.ts";
import type { Parameters, ParameterValue, Tensor } from "../tensor/tensor.ts";

/** Where something crosses between V1 and V2: which code an error has, and which names are taken on the other side. */
export interface Direction {
  readonly code: ErrorCode;
  readonly reserved: readonly string[];
}

export const INTO_REQUEST: Direction = { code: "invalid_argument", reserved: ["instances", "inputs"] };
export const INTO_RESPONSE: Direction = { code: "internal", reserved: ["predictions", "outputs"] };

/**
 * V2's parameters beside V1's members.
 * @throws InferenceError that names a parameter for which V1 has no place.
 */
export function membersWithParameters(members: JsonObject, parameters: Parameters, direction: Direction): JsonObject {
  const names = Object.keys(parameters);
  if (names.length === 0) return members;
  for (const name of names) {
    if (direction.reserved.includes(name) || Object.hasOwn(members, name)) {
      throw new InferenceError(`parameter '${name}' has no place in V1, where ${name} is a member`, {
        code: direction.code,
      });
    }
  }
  return { ...members, ...parameters };
}

/**
 * V1's members beside V2's parameters; null says nothing and is left out.
 * @throws InferenceError that names a member which is no string, number or boolean.
 */
export function parametersWithMembers(parameters: Parameters, members: JsonObject, direction: Direction): Parameters {
  const entries = Object.entries(members).filter(([, value]) => value !== null);
  if (entries.length === 0) return parameters;
  for (const [name, value] of entries) {
    if (!isParameterValue(value) || Object.hasOwn(parameters, name)) {
      throw new InferenceError(
        `member '${name}' has no place in V2: expected a string, number or boolean of its own name`,
        {
          code: direction.code,
        },
      );
    }
  }
  return { ...(Object.fromEntries(entries) as Parameters), ...parameters };
}

/** @throws InferenceError invalid_argument for a tensor with parameters, which V1 cannot carry. */
export function assertNoTensorParameters(tensors: readonly Tensor[]): void {
  for (const { name, parameters } of tensors) {
    const [parameter] = Object.keys(parameters ?? {});
    if (parameter !== undefined) {
      throw new InferenceError(`input '${name}': its parameter '${parameter}' has no place in V1`, {
        code: "invalid_argument",
      });
    }
  }
}

export function isParameterValue(value: JsonValue | undefined): value is ParameterValue {
  return value !== null && value !== undefined && typeof value !== "object";
}
