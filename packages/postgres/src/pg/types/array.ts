// Arrays in the text form, over strings: for parsers that users give and for those that node-postgres has by default. Bounds
// are skipped, NULL is told from "NULL", nesting is iterative and bounded.

/** Turns the text of one element into a value. Not asked for NULL, unless it is a user's (see {@link arrayParser}). */
export type Transform<T> = (text: string) => T;

/** An element, or a dimension of them. */
export type Nested<T> = T | null | Nested<T>[];

/** The server allows six dimensions; nested composite output may pretend to more. */
const MAX_DEPTH = 64;

/** @throws Error when the braces do not balance. */
export function parseArray<T>(source: string, transform: Transform<T>): Nested<T>[] {
  const root: Nested<T>[] = [];
  const stack: Nested<T>[][] = [];
  let current = root;
  let at = source.startsWith("[") ? source.indexOf("=") + 1 : 0;
  while (at < source.length) {
    const char = source[at] as string;
    if (char === "{") {
      if (stack.length === MAX_DEPTH) throw new Error("array has too many dimensions");
      const inner: Nested<T>[] = stack.length === 0 ? root : [];
      if (stack.length > 0) current.push(inner);
      stack.push(inner);
      current = inner;
      at++;
    } else if (char === "}") {
      stack.pop();
      const outer = stack.at(-1);
      if (outer === undefined) return root;
      current = outer;
      at++;
    } else if (char === ",") {
      at++;
    } else if (char === '"') {
      const [text, end] = quoted(source, at + 1);
      current.push(transform(text));
      at = end;
    } else {
      const [text, end] = bare(source, at);
      current.push(text === "NULL" ? null : transform(text));
      at = end;
    }
  }
  throw new Error("array dimension not balanced");
}

/** What `types.arrayParser` is: `create(source, transform).parse()`. */
export const arrayParser: {
  create<T = string>(source: string, transform?: (text: string) => T): { parse(): Nested<T>[] };
} = {
  create: (source, transform) => ({
    parse: () =>
      parseArray(source, transform ?? (((text: string) => text) as unknown as NonNullable<typeof transform>)),
  }),
};

function quoted(source: string, start: number): [text: string, end: number] {
  let text = "";
  let at = start;
  while (at < source.length && source[at] !== '"') {
    if (source[at] === "\\") at++;
    text += source[at++] ?? "";
  }
  return [text, at + 1];
}

function bare(source: string, start: number): [text: string, end: number] {
  let text = "";
  let at = start;
  while (at < source.length && source[at] !== "," && source[at] !== "}") {
    if (source[at] === "\\") at++;
    text += source[at++] ?? "";
  }
  return [text, at];
}
