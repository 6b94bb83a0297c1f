// pg and postgres bundle over nodeSocket() as wrangler bundles a Worker, and nothing there makes the sockets that they bring.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules, createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import type { BuildResult } from "esbuild";
import { expect, onTestFinished, test, vi } from "vitest";
import webpack from "webpack";
import type { Stats } from "webpack";

/** As wrangler does it for a Worker with Node's modules; `conditions` differ where another tool bundles. */
function bundle(contents: string, conditions: string[]): Promise<BuildResult<{ metafile: true; write: false }>> {
  return build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    treeShaking: true,
    format: "esm",
    target: "es2024",
    conditions,
    external: ["node:*", "cloudflare:*", ...builtinModules],
    logLevel: "silent",
  });
}

const PG = `
  import { nodeSocket } from "@landline/core/node-socket";
  import pg from "pg";
  export const client = (config) => new pg.Client({ ...config, stream: () => nodeSocket() });
  export const bare = (config) => new pg.Client(config);
`;
const POSTGRES = `
  import { nodeSocket } from "@landline/core/node-socket";
  import postgres from "postgres";
  export const sql = (host, port) => postgres({ host, port, socket: () => nodeSocket().connect(port, host) });
`;
const WRANGLER = ["workerd", "worker", "browser"];

test.each([
  ["pg", PG],
  ["postgres", POSTGRES],
])("%s bundles without a warning", async (_, contents) => {
  const { warnings, outputFiles } = await bundle(contents, WRANGLER);
  expect(warnings).toEqual([]);
  expect(outputFiles).toHaveLength(1);
});

interface Program {
  client(config: object): { readonly connection: { readonly stream: object } };
  bare(config: object): unknown;
}

/** Runs a bundle where pg believes to be in a Worker. */
async function run(source: string): Promise<Program> {
  vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
  vi.stubGlobal("require", createRequire(import.meta.url));
  onTestFinished(() => void vi.unstubAllGlobals());
  const text = source.replaceAll('"cloudflare:sockets"', '"node:net"');
  return (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as Program;
}

// Without Workers' condition the class that pg makes sockets of is not in the bundle.
test("pg makes a socket of its own where it is given none, and cannot where a tool does not know Workers", async () => {
  const { outputFiles } = await bundle(PG, []);
  const { bare } = await run(outputFiles[0]!.text);
  expect(() => bare({ host: "localhost" })).toThrow("is not a constructor");
});

test.each([
  ["Workers' conditions", WRANGLER],
  ["no condition", []],
])("pg bundled with %s takes nodeSocket(), and makes none", async (_, conditions) => {
  const { outputFiles } = await bundle(PG, conditions);
  const { client } = await run(outputFiles[0]!.text);
  const { stream } = client({ host: "localhost" }).connection;
  expect(stream).toHaveProperty("encrypted", false);
  expect(stream).toHaveProperty("startTls", expect.any(Function));
});

/** webpack's, with what it complains of. */
async function pack(contents: string, more: webpack.Configuration): Promise<{ complaints: string[]; text: string }> {
  const directory = mkdtempSync(join(import.meta.dirname, ".webpack-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "entry.mjs"), contents);
  const compiler = webpack({
    mode: "production",
    entry: join(directory, "entry.mjs"),
    output: { path: directory, filename: "out.mjs", library: { type: "module" } },
    experiments: { outputModule: true },
    module: { rules: [{ test: /\.ts$/, use: join(import.meta.dirname, "strip-types.mjs") }] },
    // pg asks for it where somebody wants the native client, and does without.
    externals: { "pg-native": "commonjs pg-native" },
    ...more,
  })!;
  const stats = await new Promise<Stats>((resolve, reject) => {
    compiler.run((error, result) => (result === undefined ? reject(error as Error) : resolve(result)));
  });
  const { errors = [], warnings = [] } = stats.toJson({ errors: true, warnings: true });
  const complaints = [...errors, ...warnings].map(({ message }) => message);
  return { complaints, text: complaints.length > 0 ? "" : readFileSync(join(directory, "out.mjs"), "utf8") };
}

test.each([
  ["pg", PG],
  ["postgres", POSTGRES],
])("%s is bundled by webpack for Node, which knows no cloudflare:sockets, and meets none", async (_, contents) => {
  const { complaints, text } = await pack(contents, { target: "node24" });
  expect(complaints).toEqual([]);
  expect(text).toContain("startTls");
  expect(text).not.toContain("cloudflare:sockets");
});

test("the socket is bundled by webpack for a Worker, where cloudflare:sockets stays what it is", async () => {
  const contents = `export { nodeSocket } from "@landline/core/node-socket";`;
  const { complaints, text } = await pack(contents, {
    target: ["webworker", "es2024"],
    resolve: { conditionNames: ["workerd", "worker", "import"] },
    externals: [/^(node|cloudflare):/],
    externalsType: "module",
  });
  expect(complaints).toEqual([]);
  expect(text).toContain('"cloudflare:sockets"');
});
