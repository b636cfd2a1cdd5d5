/**
 * The part of Standard Schema 1 (https://standardschema.dev) that `request.rows(schema)` calls; zod, valibot and arktype
 * schemas have it.
 */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
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
