// Documents are true: their links lead somewhere, and the code in them, and in doc comments, fits the packages.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exampleBlocks, markdownBlocks } from "../documents/blocks.ts";
import { anchors, deadLinks } from "../documents/links.ts";
import { publicImports, typeCheck } from "../documents/type-check.ts";

const ROOT = join(import.meta.dirname, "../../..");

const paths = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\0")
  .filter((path) => path !== "" && existsSync(join(ROOT, path)));
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const documents = new Map(paths.filter((path) => path.endsWith(".md")).map((path) => [path, read(path)]));
const sources = paths.filter((path) => /^packages\/[^/]+\/src\/.*(?<!\.test)\.ts$/.test(path));

const blocks = [
  ...[...documents].flatMap(([file, text]) => markdownBlocks(file, text)),
  ...sources.flatMap((file) => exampleBlocks(file, read(file), importsFor(file))),
];

it("the code in documents and doc comments fits the packages", () => {
  expect(blocks.length).toBeGreaterThan(20);
  expect(typeCheck(blocks.filter(({ unchecked }) => unchecked === undefined))).toEqual([]);
});

it("every local link of a document leads to something", () => {
  expect(deadLinks(documents, paths)).toEqual([]);
});

describe("a document that is wrong", () => {
  const wrong = `# One\n\n\`\`\`ts\nimport { dial } from "@landline/core";\n\nawait dial(7);\n\`\`\`\n
\`\`\`ts\nawait dial("cache.example:6379", { tsl: "on" });\n\`\`\`\n
\`\`\`ts unchecked: shows what a compiler refuses\nnonsense(;\n\`\`\`\n`;
  const example = `/**\n * Dials.\n * @example\n * await dial(true);\n * @throws Error\n */\nexport function x() {}\n`;

  it("is reported, with the place", () => {
    const found = [
      ...markdownBlocks("docs/wrong.md", wrong),
      ...exampleBlocks("packages/core/src/wrong.ts", example, importsFor("packages/core/src/wrong.ts")),
    ];
    expect(found.map(({ line }) => line)).toEqual([4, 10, 14, 4]);
    expect(found[2]?.unchecked).toBe("shows what a compiler refuses");
    expect(typeCheck(found.filter(({ unchecked }) => unchecked === undefined)).sort()).toEqual([
      expect.stringMatching(/^docs\/wrong\.md:10:36: error TS2353: .*'tsl'/),
      expect.stringMatching(/^docs\/wrong\.md:6:12: error TS2345: /),
      expect.stringMatching(/^packages\/core\/src\/wrong\.ts:4:12: error TS2345: /),
    ]);
  });

  it("cannot leave a block out without a reason", () => {
    expect(() => markdownBlocks("a.md", "```ts unchecked:\nx\n```\n")).toThrow("a.md:1");
    expect(() => markdownBlocks("a.md", "```ts skip\nx\n```\n")).toThrow("a.md:1");
  });

  it("has its dead links found, in files, folders and headings", () => {
    const text = [
      "# The `connect()` call, explained",
      "# Twice\n# Twice",
      "[a](docs) [b](docs/b.md#there) [c](#the-connect-call-explained) [d](#twice-1) [e](https://nowhere.example/x)",
      "[f](gone.md) [g](docs/b.md#gone) [h](#gone) `[i](code.md)` ![j](gone.svg)",
      "```md\n[k](code.md)\n```",
      "[l]: gone.txt",
    ].join("\n\n");
    expect([...anchors(text)]).toEqual(["the-connect-call-explained", "twice", "twice-1"]);
    const tree = new Map([
      ["a.md", text],
      ["docs/b.md", "# There\n[up](../a.md#twice)"],
    ]);
    expect(deadLinks(tree, [...tree.keys()])).toEqual(
      ["gone.md", "docs/b.md#gone", "#gone", "gone.svg", "gone.txt"].map((link) => `a.md: ${link}`),
    );
  });
});

/** An example uses its own file's exports, and the public names of its package and of core, without importing them. */
function importsFor(file: string): (names: Set<string>) => string[] {
  const own = /^packages\/([^/]+)\//.exec(file)?.[1];
  const entries = Object.entries(publicImports())
    .filter(([specifier]) => specifier.startsWith(`@landline/${own}`) || specifier.startsWith("@landline/core"))
    .map(([specifier, [source]]) => ({ specifier, exports: exportsOf(readFileSync(source, "utf8")) }));
  if (existsSync(join(ROOT, file))) entries.unshift({ specifier: join(ROOT, file), exports: exportsOf(read(file)) });
  return (names) =>
    [...names].flatMap((name) => {
      const entry = entries.find(({ exports }) => exports.has(name));
      return entry === undefined ? [] : [`import { ${name} } from "${entry.specifier}";`];
    });
}

function exportsOf(source: string): Set<string> {
  const declared = [...source.matchAll(/^export (?:abstract |async )*(?:function|class|const|interface|type) (\w+)/gm)];
  const listed = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(
    ([, list]) => list!.match(/\w+(?=\s*(?:,|$))/g) ?? [],
  );
  return new Set([...declared.map(([, name]) => name!), ...listed]);
}
