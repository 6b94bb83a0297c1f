// Holds a reply against the description of it that was generated from the command's schema.

/** What a command answers, in each way of calling it, and since which version of the server there is one. */
export interface ReplyFacts {
  readonly since: string;
  readonly shapes: readonly ReplyShape[];
}

export type ReplyShape =
  | string
  | { readonly word: string }
  | { readonly list: ReplyShape }
  | { readonly tuple: readonly ReplyShape[]; readonly rest?: ReplyShape }
  | { readonly map: ReplyShape }
  | { readonly record: Readonly<Record<string, ReplyShape>>; readonly others?: ReplyShape }
  | { readonly union: readonly ReplyShape[] };

export interface ExpectedFormat {
  readonly bytes: boolean;
  readonly integers: "number" | "bigint";
}

/** Whether `value` has `shape`. Fields that an older server does not know may be missing, and a newer one may have more. */
export function hasShape(value: unknown, shape: ReplyShape, format: ExpectedFormat, self: ReplyShape = shape): boolean {
  const inner = (item: unknown, of: ReplyShape): boolean => hasShape(item, of, format, self);
  if (typeof shape === "string") return hasScalar(value, shape, format, self);
  // A status is text in every format; a word that is no status is a string like others.
  if ("word" in shape) return value === shape.word || (format.bytes && isText(value, shape.word));
  if ("union" in shape) return shape.union.some((of) => inner(value, of));
  if ("list" in shape) return Array.isArray(value) && value.every((item) => inner(item, shape.list));
  if ("tuple" in shape) {
    if (!Array.isArray(value) || value.length < shape.tuple.length) return false;
    if (shape.rest === undefined && value.length > shape.tuple.length) return false;
    return value.every((item, index) => hasShape(item, shape.tuple[index] ?? shape.rest!, format, shape));
  }
  if ("map" in shape) {
    if (format.bytes) return value instanceof Map && [...value.values()].every((item) => inner(item, shape.map));
    return isRecord(value) && Object.values(value).every((item) => inner(item, shape.map));
  }
  const { record, others } = shape;
  if (!isRecord(value)) return false;
  return Object.entries(value).every(([name, item]) => {
    const of = record[name] ?? (name.startsWith("db.") && typeof item === "object" ? others : undefined) ?? "any";
    return hasShape(item, of, format, shape);
  });
}

function hasScalar(value: unknown, shape: string, format: ExpectedFormat, self: ReplyShape): boolean {
  if (shape === "any") return true;
  if (shape === "null") return value === null;
  if (shape === "self") return hasShape(value, self, format);
  if (shape === "integer") return typeof value === format.integers;
  if (shape === "number" || shape === "text") return typeof value === (shape === "text" ? "string" : shape);
  return format.bytes ? value instanceof Uint8Array : typeof value === "string";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isText(value: unknown, word: string): boolean {
  return value instanceof Uint8Array && new TextDecoder().decode(value) === word;
}
