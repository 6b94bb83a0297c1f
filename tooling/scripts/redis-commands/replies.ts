// Reply schemas as shapes, and shapes as what needs them: a type, the code by which the client brings RESP2 and RESP3
// into one form, and a description for tests.

import type { Schema } from "./metadata.ts";

export type Shape =
  | "string"
  | "integer"
  | "number"
  | "null"
  | "any"
  /** A status: text whatever the format. */
  | "text"
  /** The innermost record or tuple around it. */
  | "self"
  | { readonly word: string }
  | { readonly list: Shape }
  | { readonly tuple: readonly Shape[]; readonly rest?: Shape }
  | { readonly map: Shape }
  | { readonly record: Readonly<Record<string, Shape>>; readonly others?: Shape }
  | { readonly union: readonly Shape[] };

/** A schema whose type the generator does not know is an error, not `any`. */
export function shapeOf(schema: Schema): Shape {
  if (schema.const !== undefined) return typeof schema.const === "number" ? "integer" : { word: schema.const };
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return union(choices.map(shapeOf));
  if (schema.$ref !== undefined) return "self";
  switch (schema.type) {
    case undefined:
      return "any";
    case "string":
    case "integer":
    case "number":
    case "null":
      return schema.type;
    case "array":
      return arrayShape(schema);
    case "object":
      return objectShape(schema);
    default:
      throw new Error(`the metadata has a reply of the unknown type ${schema.type}`);
  }
}

export function union(shapes: readonly Shape[]): Shape {
  const flat = shapes.flatMap((shape) => (typeof shape === "object" && "union" in shape ? shape.union : [shape]));
  const unique = [...new Map(flat.map((shape) => [JSON.stringify(shape), shape])).values()];
  return unique.length === 1 ? (unique[0] as Shape) : { union: unique };
}

function arrayShape({ items, additionalItems }: Schema): Shape {
  if (Array.isArray(items)) {
    const tuple = (items as readonly Schema[]).map(shapeOf);
    return additionalItems === undefined ? { tuple } : { tuple, rest: shapeOf(additionalItems) };
  }
  return { list: items === undefined ? "any" : shapeOf(items as Schema) };
}

function objectShape({ properties = {}, patternProperties = {}, additionalProperties }: Schema): Shape {
  const record = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, shapeOf(schema)]));
  const patterns = Object.values(patternProperties).map(shapeOf);
  const named = Object.keys(record).length > 0;
  if (typeof additionalProperties === "object") patterns.push(shapeOf(additionalProperties));
  const others = patterns.length === 0 ? undefined : union(patterns);
  if (!named && (others !== undefined || additionalProperties !== false)) return { map: others ?? "any" };
  return others === undefined ? { record } : { record, others };
}

/** The TypeScript of a shape. Words of a status are text whatever the format; elsewhere they are strings like others. */
export function typeOf(shape: Shape, top = true): string {
  if (typeof shape === "string") {
    return {
      string: 'S["string"]',
      integer: 'S["integer"]',
      number: "number",
      null: "null",
      any: "Reply",
      self: "Reply",
      text: "string",
    }[shape];
  }
  if ("word" in shape) return top ? JSON.stringify(shape.word) : `Word<S, ${JSON.stringify(shape.word)}>`;
  if ("list" in shape) return inList(typeOf(shape.list, false));
  if ("tuple" in shape) {
    const places = shape.tuple.map((item) => typeOf(item, false));
    if (shape.rest !== undefined) places.push(`...${inList(typeOf(shape.rest, false))}`);
    return `[${places.join(", ")}]`;
  }
  if ("map" in shape) return shape.map === "string" ? "Fields<S>" : `Fields<S, ${typeOf(shape.map, false)}>`;
  if ("record" in shape) {
    const fields = Object.entries(shape.record).map(([name, value]) => `${property(name)}: ${typeOf(value, false)}`);
    if (shape.others !== undefined) fields.push(`[other: \`db.\${number}\`]: ${typeOf(shape.others, false)}`);
    return `{ ${fields.join("; ")} }`;
  }
  return [...new Set(shape.union.map((item) => typeOf(item, top)))].join(" | ");
}

function inList(type: string): string {
  let outside = type;
  for (let before = ""; before !== outside;) {
    before = outside;
    outside = before.replaceAll(/[[{<][^[\]{}<>]*[\]}>]/g, "");
  }
  return outside.includes(" | ") ? `(${type})[]` : `${type}[]`;
}

function property(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name);
}

/** The code of a shape for the client's table; `.` where the two protocols agree. */
export function codeOf(shape: Shape): string {
  if (shape === "number") return "d";
  if (shape === "self") return "@";
  if (typeof shape === "string" || "word" in shape) return ".";
  if ("list" in shape) return prefixed("*", codeOf(shape.list));
  if ("tuple" in shape) {
    const codes = shape.tuple.map(codeOf);
    const rest = shape.rest === undefined ? "." : codeOf(shape.rest);
    if ([...codes, rest].every((code) => code === ".")) return ".";
    return `(${codes.join("")}${rest === "." ? "" : `+${rest}`})`.replace(/\.+\)$/, ")");
  }
  if ("map" in shape) return `%${codeOf(shape.map)}`;
  if ("record" in shape) {
    const named = Object.entries(shape.record).map(([name, value]) => [name, codeOf(value)] as const);
    const told = named.filter(([, code]) => code !== ".").map(([name, code]) => `${name}:${code},`);
    if (shape.others !== undefined) told.push(`:|${codeOf(shape.others)},`);
    return `{${told.join("")}}`;
  }
  return unionCode(shape.union);
}

/** Of aggregates only one may need a code: which one it is cannot be told from the reply. */
function unionCode(shapes: readonly Shape[]): string {
  const lists = shapes.flatMap((shape) => (typeof shape === "object" && "list" in shape ? [shape.list] : []));
  const others = shapes.filter((shape) => !(typeof shape === "object" && "list" in shape));
  const merged: readonly Shape[] = lists.length > 1 ? [...others, { list: union(lists) }] : shapes;
  const codes = [...new Set(merged.map(codeOf))].filter((code) => code !== ".");
  if (codes.length > 1) throw new Error(`a reply of several forms needs an overlay: ${JSON.stringify(shapes)}`);
  const [code = "."] = codes;
  const scalars = merged.some(
    (shape) => shape === "string" || shape === "integer" || (typeof shape === "object" && "word" in shape),
  );
  return scalars && code !== "." && code !== "d" ? `|${code}` : code;
}

function prefixed(mark: string, code: string): string {
  return code === "." ? "." : mark + code;
}
