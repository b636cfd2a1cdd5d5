import { type ErrorCode, InferenceError } from "../errors.ts";

/** What a task came to, in a form that survives the way between threads: a class does not. */
export type TaskOutcome = { readonly value: unknown; readonly failure?: undefined } | { readonly failure: TaskFailure };

interface TaskFailure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of an InferenceError. */
  readonly inference?: {
    readonly code: ErrorCode;
    readonly status: number;
    readonly headers: Readonly<Record<string, string>> | undefined;
    readonly body: unknown;
  };
}

export function toFailure(thrown: unknown): TaskFailure {
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (!InferenceError.isInstance(thrown)) return { name, message, stack };
  const { code, status, headers, body } = thrown;
  return { name, message, stack, inference: { code, status, headers, body } };
}

export function fromFailure({ name, message, stack, inference }: TaskFailure): Error {
  const cause = Object.assign(new Error(message), { name, stack });
  if (inference === undefined) return cause;
  const { code, status, headers, body } = inference;
  return new InferenceError(message, { code, status, headers, body, cause } as ConstructorParameters<
    typeof InferenceError
  >[1]);
}

/** The buffers that a result owns whole; views of a part of one, and Node's pooled ones, are copied. */
export function transferableBuffers(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const seen = new Set<object>();
  const visit = (part: unknown): void => {
    if (typeof part !== "object" || part === null || seen.has(part)) return;
    seen.add(part);
    if (part instanceof ArrayBuffer) found.add(part);
    else if (ArrayBuffer.isView(part)) {
      if (Buffer.isBuffer(part) || part.byteLength !== part.buffer.byteLength) return;
      if (part.buffer instanceof ArrayBuffer) found.add(part.buffer);
    } else for (const member of Object.values(part)) visit(member);
  };
  visit(value);
  return [...found];
}
