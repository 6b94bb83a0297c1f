// Standard Schema (standardschema.dev, version 1), as far as rows are checked by it: any library's schema fits, none is imported.

import { LandlineError } from "@landline/core";

/** A schema of rows. */
export interface RowSchema<Row> {
  readonly "~standard": {
    readonly validate: (value: unknown) => SchemaResult<Row> | Promise<SchemaResult<Row>>;
  };
}

/** What a schema makes of a row. */
export type SchemaResult<Row> =
  | { readonly value: Row; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** What is wrong with a row. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A row is not what its schema asks for. The query was carried out all the same. */
export class SchemaError extends LandlineError {
  override readonly name: string = "SchemaError";
  /** Which row, from 0. */
  readonly row: number;
  readonly issues: readonly SchemaIssue[];

  constructor(row: number, issues: readonly SchemaIssue[]) {
    super(`row ${row} is not what its schema asks for: ${issues.map(told).join("; ")}`, {
      code: "SCHEMA_MISMATCH",
      outcome: "unknown",
    });
    this.row = row;
    this.issues = issues;
  }
}

function told({ message, path = [] }: SchemaIssue): string {
  const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
  return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
}
