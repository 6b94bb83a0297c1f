// The TypeScript that documents show: the ```ts blocks of Markdown files and the @example blocks of doc comments. Each
// comes as a module of its own whose line numbers are those of the document, so that a complaint leads to the place.

/** A piece of code out of a document. */
export interface Block {
  /** The document, as given. */
  readonly file: string;
  /** Where the code begins, from 1. */
  readonly line: number;
  readonly code: string;
  /** Why it is not checked, where the document says so. */
  readonly unchecked?: string;
}

const FENCE = /^( *)(`{3,})(\w*)(.*)$/;
const IMPORT = /^import\s[^;]*;/gm;

/**
 * The `ts` blocks of a Markdown text. A block has what those before it import, unless it imports the same names itself. A
 * block that must not be checked is opened by "```ts unchecked: the reason".
 */
export function markdownBlocks(file: string, text: string): Block[] {
  const blocks: Block[] = [];
  const imports: string[] = [];
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const [, indent, fence, language, rest] = FENCE.exec(lines[index] ?? "") ?? [];
    if (fence === undefined) continue;
    const line = index + 2;
    const end = lines.findIndex((each, at) => at > index && each.trim() === fence);
    if (end === -1) throw new Error(`${file}:${index + 1}: a block without an end`);
    const body = lines
      .slice(index + 1, end)
      .map((each) => each.replace(new RegExp(`^ {0,${indent?.length ?? 0}}`), ""));
    index = end;
    if (!/^(?:ts|tsx|typescript)$/.test(language ?? "")) continue;
    const unchecked = /^ unchecked: (.+)$/.exec(rest ?? "")?.[1];
    if (unchecked === undefined && rest?.trim() !== "") throw new Error(`${file}:${line - 1}: what is${rest}?`);
    const own: string[] = body.join("\n").match(IMPORT) ?? [];
    const inherited = imports.filter(
      (each) => !own.some((other) => namesIn(other).some((name) => namesIn(each).includes(name))),
    );
    blocks.push({
      file,
      line,
      code: moduleOf(line, body, inherited),
      ...(unchecked === undefined ? {} : { unchecked }),
    });
    if (unchecked === undefined) imports.push(...own.filter((each) => !imports.includes(each)));
  }
  return blocks;
}

/** The `@example` blocks of a source's doc comments. `importsFor` says what to import for the names that one uses. */
export function exampleBlocks(file: string, text: string, importsFor: (names: Set<string>) => string[]): Block[] {
  const blocks: Block[] = [];
  for (const { 0: comment, index } of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const before = text.slice(0, index).split("\n").length;
    const lines = comment.split("\n").map((each) => each.replace(/^\s*(?:\/\*\*|\*\/|\*) ?|\s*\*\/$/g, ""));
    for (let at = 0; at < lines.length; at++) {
      if (!lines[at]?.startsWith("@example")) continue;
      const end = lines.findIndex((each, other) => other > at && each.startsWith("@"));
      const body = lines
        .slice(at + 1, end === -1 ? undefined : end)
        .map((each) => (each.startsWith("```") ? "" : each));
      const names = new Set(body.join("\n").match(/[A-Za-z_$][\w$]*/g));
      const line = before + at + 1;
      blocks.push({ file, line, code: moduleOf(line, body, importsFor(names)) });
    }
  }
  return blocks;
}

// What is put around a block stands on the first line, which in a document is never one of a block. A block that returns
// is the inside of a function.
function moduleOf(line: number, body: readonly string[], imports: readonly string[]): string {
  const head = imports.map((each) => each.replaceAll(/\s+/g, " ")).join(" ");
  const returns = body.some((each) => /^return\b/.test(each));
  const [open, close] = returns ? ["export async function reader() {", "}"] : ["", "export {};"];
  return `${head}${open}${"\n".repeat(line - 1)}${body.join("\n")}\n${close}\n`;
}

function namesIn(statement: string): string[] {
  return (
    statement
      .replace(/from\s.*$/s, "")
      .match(/\w+/g)
      ?.filter((word) => !["import", "type"].includes(word)) ?? []
  );
}
