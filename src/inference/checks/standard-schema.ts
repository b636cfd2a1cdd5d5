/**
 * The part of Standard Schema 1 (https://standardschema.dev) that `request.rows(schema)` calls; zod, valibot and arktype
 * schemas have it.
 */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** Standard JSON Schema 1, which zod, valibot and arktype add. */
    readonly jsonSchema?:
      | { readonly input: (options: { readonly target: "draft-2020-12" }) => Readonly<Record<string, unknown>> }
      | undefined;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A schema of rows. One that sets `wantsBytes` gets BYTES elements as Uint8Array instead of text. */
export interface RowSchema<Output = unknown> extends StandardSchema<Output> {
  readonly wantsBytes?: boolean;
}

/** What a row may be, as JSON schema (draft 2020-12); undefined for a schema that cannot say. */
export function rowJsonSchema(schema: RowSchema): Readonly<Record<string, unknown>> | undefined {
  const { jsonSchema } = schema["~standard"];
  try {
    const { $schema: _, ...members } = jsonSchema?.input({ target: "draft-2020-12" }) ?? {};
    return Object.keys(members).length === 0 ? undefined : members;
  } catch {
    // A schema with a part that JSON schema does not know, such as a date.
    return undefined;
  }
}
