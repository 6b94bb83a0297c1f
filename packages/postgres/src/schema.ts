// Rows through a schema of the caller's: any library that speaks Standard Schema (standardschema.dev, version 1), by its shape
// alone.

import { LandlineError } from "@landline/core";

/** What is wrong with a value, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

type Verdict = { readonly value: unknown; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/** A schema of zod, valibot, arktype and others. */
export interface RowSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Verdict | Promise<Verdict>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/**
 * A row is not what the schema says; `code` is `ROW_INVALID`. The statement was carried out all the same: inside of a
 * transaction, this undoes it. The message tells columns and issues, never values.
 */
export class RowError extends LandlineError {
  override readonly name: string = "RowError";
  /** The row's place in the result, from 0. */
  readonly row: number;
  readonly issues: readonly SchemaIssue[];

  constructor(row: number, issues: readonly SchemaIssue[]) {
    const what = issues.map(({ message, path = [] }) => [...path.map(keyOf), message].join(": ")).join("; ");
    super(`row ${row} is not what its schema says: ${what}`, { code: "ROW_INVALID", outcome: "unknown" });
    this.row = row;
    this.issues = issues;
  }
}

/** @throws TypeError when it is no Standard Schema. */
export function checkSchema(schema: RowSchema): RowSchema {
  if (typeof (schema as Partial<RowSchema> | undefined)?.["~standard"]?.validate !== "function")
    throw new TypeError("as() takes a Standard Schema, such as one of zod, valibot or arktype");
  return schema;
}

/** Puts what the schema makes of each row into its place. @throws RowError for the first that it refuses. */
export async function validateRows(schema: RowSchema, rows: unknown[]): Promise<void> {
  for (const [index, row] of rows.entries()) {
    const verdict = schema["~standard"].validate(row);
    rows[index] = accepted(verdict instanceof Promise ? await verdict : verdict, index);
  }
}

/** The same for one row, of a callback that cannot wait. @throws RowError, or TypeError for a schema that has to wait. */
export function validateRow(schema: RowSchema, row: unknown, index: number): unknown {
  const verdict = schema["~standard"].validate(row);
  if (verdict instanceof Promise) throw new TypeError("forEach() cannot wait for a schema that is asynchronous");
  return accepted(verdict, index);
}

function accepted(verdict: Verdict, index: number): unknown {
  if (verdict.issues !== undefined) throw new RowError(index, verdict.issues);
  return verdict.value;
}

function keyOf(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === "object" ? part.key : part);
}
