// What a span is given, whoever keeps it.

import { isLandlineError } from "../errors.ts";
import type { Attributes, Operation } from "../observe.ts";

/** What goes into spans beyond what is harmless. */
export interface SpanOptions {
  /**
   * Texts as they were written, parameters, addresses, and the messages of errors, which quote them. Default `false`: none of
   * these is ever in a span.
   */
  readonly details?: boolean;
}

/** What a span has from the start. */
export function attributesOf(operation: Operation, { details = false }: SpanOptions): Attributes {
  return details ? { ...operation.attributes, ...operation.details() } : operation.attributes;
}

/** What it has of an error: its sort, what became of the work, and what the server calls it. */
export function errorAttributes(error: unknown): Attributes {
  if (!isLandlineError(error)) {
    if (!(error instanceof Error)) return { "error.type": "_OTHER" };
    const { code } = error as { code?: unknown };
    return { "error.type": typeof code === "string" ? code : error.name };
  }
  return { "error.type": error.code, "landline.outcome": error.outcome };
}

/** The message of an error, if it may be told. */
export function messageOf(error: unknown, { details = false }: SpanOptions): string | undefined {
  if (!details) return undefined;
  return error instanceof Error ? error.message : String(error);
}
