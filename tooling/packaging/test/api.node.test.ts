// api/ holds what each package declares to the public, so that a change of it shows in a diff and is meant.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { API, apiFiles } from "../src/api-files.ts";
import { rollUp } from "../src/api.ts";
import { packedPackages } from "./packed.ts";

const packages = packedPackages();
const made = apiFiles(packages);

// Beside the unpacked packages, so that a compiler finds them.
const directory = mkdtempSync(join(dirname(packages[0]!.folder), "../../api-"));

const PEERS = join(import.meta.dirname, "../../../packages/postgres/node_modules");

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("api/ (`pnpm api` writes it anew)", () => {
  it("has a file for each public import", () => {
    expect(readdirSync(API).sort()).toEqual([...made.keys()].sort());
  });

  it.each([...made])("%s is what is published", (file, text) => {
    expect(text).toBe(readFileSync(join(API, file), "utf8"));
  });

  // The types of Node and of Workers declare some of the same globals, so that each file is read with one of them.
  it.each([
    ["@types/node", (text: string) => text.includes('from "node:')],
    ["@cloudflare/workers-types", (text: string) => !text.includes('from "node:')],
  ])("declares every name that it mentions, beside %s", (platform, readWith) => {
    const files = [...made].filter(([, text]) => readWith(text));
    expect(files).not.toEqual([]);
    for (const [file, text] of files) writeFileSync(join(directory, file), text);
    const compilerOptions = {
      strict: true,
      lib: ["ESNext"],
      module: "esnext",
      moduleResolution: "bundler",
      noEmit: true,
      types: [dirname(createRequire(import.meta.url).resolve(`${platform}/package.json`))],
      // An optional peer of a package.
      paths: { "drizzle-orm": [`${PEERS}/drizzle-orm`], "drizzle-orm/*": [`${PEERS}/drizzle-orm/*`] },
    };
    const include = files.map(([file]) => file);
    writeFileSync(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
    const { stdout } = spawnSync("tsc", { cwd: directory, encoding: "utf8" });
    // What a peer's own declarations lack is not ours.
    const complaints = stdout.split("\n").filter((line) => /^[\w-]+\.d\.ts\(/.test(line));
    expect(complaints).toEqual([]);
  });
});

describe("a roll-up", () => {
  const folder = join(directory, "roll-up");
  const entry = join(folder, "index.d.ts");
  const write = (inner: string): void => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(entry, `export { open } from "./inner.ts";\nexport type { Door } from "./inner.ts";\n`);
    writeFileSync(join(folder, "inner.d.ts"), inner);
    writeFileSync(
      join(folder, "lock.d.ts"),
      `import type { Door as Twin } from "./twin.ts";\nexport interface Lock {\n    key: Key;\n    twin: Twin;\n}\ninterface Key {\n}\n`,
    );
    writeFileSync(join(folder, "twin.d.ts"), `export interface Door {\n    twin: Door;\n}\n`);
  };
  const inner = `import type { Lock } from "./lock.ts";
export interface Unrelated {
}
/** Opens. */
export declare function open(door: Door): void;
export declare function open(door: Door, force: number): void;
export declare class Door {
    /** How it is locked. */
    readonly lock: Lock;
    readonly Unrelated: string;
}
`;

  it("takes what an export mentions, through files, and nothing else", () => {
    write(inner);
    expect(rollUp(entry)).toBe(`declare function open(door: Door): void;
declare function open(door: Door, force: number): void;

declare class Door {
    readonly lock: Lock;
    readonly Unrelated: string;
}

interface Door$twin {
    twin: Door$twin;
}

interface Key {
}

interface Lock {
    key: Key;
    twin: Door$twin;
}

export {
    open,
    type Door,
};
`);
  });

  it("changes with a type that is mentioned only", () => {
    write(inner);
    const before = rollUp(entry);
    write(inner.replace("force: number", "force: bigint"));
    expect(rollUp(entry)).not.toBe(before);
  });

  it("refuses what it does not know", () => {
    write(`${inner}export default class {\n}\n`);
    expect(() => rollUp(entry)).toThrow("ExportDefaultDeclaration");
    write(inner.replace("force: number", `force: import("./lock.ts").Lock`));
    expect(() => rollUp(entry)).toThrow("import()");
    write(inner.replace(": Lock;", ": Latch;").replace("{ Lock }", "{ Latch }"));
    expect(() => rollUp(entry)).toThrow("nothing declares Latch");
  });
});
