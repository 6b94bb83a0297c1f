// One module out of the test files of a suite, for runtimes without vitest: the files stay as they are, and the stand-in
// takes vitest's place.

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Plugin } from "esbuild";

/** The two builds of a suite; what differs is what the packages' conditions choose. */
export interface Suite {
  /** For Node, Deno and Bun. */
  readonly node: string;
  readonly workerd: string;
}

const STAND_IN = fileURLToPath(import.meta.resolve("./stand-in.ts"));

/** Bundles test files; each may import from vitest what the stand-in has. */
export async function bundleSuite(files: readonly string[]): Promise<Suite> {
  const [node, workerd] = await Promise.all([bundle(files, false), bundle(files, true)]);
  return { node, workerd };
}

async function bundle(files: readonly string[], workerd: boolean): Promise<string> {
  const imports = files.map((file) => `import ${JSON.stringify(file)};`).join("\n");
  const result = await build({
    stdin: {
      contents: `${imports}\nexport { listed, run } from "vitest";\n${workerd ? HANDLER : ""}`,
      resolveDir: import.meta.dirname,
      loader: "js",
    },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    platform: workerd ? "neutral" : "node",
    conditions: workerd ? ["workerd", "worker"] : [],
    mainFields: ["module", "main"],
    external: ["cloudflare:*"],
    // Test files are there for their side effects, whatever the package says of itself.
    ignoreAnnotations: true,
    logLevel: "silent",
    plugins: [standIn(new Set(files))],
  });
  return result.outputFiles[0]?.text ?? "";
}

/** Runs the suite in one request, and answers with a line of JSON per result. */
const HANDLER = `
import { run } from "vitest";
export default {
  fetch() {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const encoder = new TextEncoder();
    run((result) => writer.write(encoder.encode(JSON.stringify(result) + "\\n"))).finally(() => writer.close());
    return new Response(readable);
  },
};
`;

function standIn(files: ReadonlySet<string>): Plugin {
  return {
    name: "stand-in",
    setup(build) {
      build.onResolve({ filter: /^vitest$/ }, () => ({ path: STAND_IN }));
      build.onLoad({ filter: /\.test\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        if (!files.has(path)) return { contents: source, loader: "ts" };
        const begin = `import { beginFile as landlineBegin } from "vitest"; landlineBegin(${JSON.stringify(basename(path, ".test.ts"))}); `;
        return { contents: begin + source, loader: "ts" };
      });
    },
  };
}
