// A project of a stranger: an empty directory outside the workspace, the tarballs installed by npm, and a few lines that
// use them, as a Worker and as a Node script.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { run } from "./run.ts";
import { manifestOf, type PackedPackage } from "./pack.ts";

const CONSUMERS = join(import.meta.dirname, "../consumers");
const require = createRequire(import.meta.url);

/** What makes up a stranger's project. */
export interface ProjectOptions {
  readonly directory: string;
  /** The package's short name, which is also that of its file in `consumers/`. */
  readonly name: string;
  readonly packages: readonly PackedPackage[];
  /** Classes that the Worker exports. */
  readonly classes: readonly string[];
}

/** Lays the project out, and installs the package and those it depends on. Nothing is fetched. */
export function createProject({ directory, name, packages, classes }: ProjectOptions): void {
  mkdirSync(directory, { recursive: true });
  for (const file of [`${name}.ts`, "services.ts"]) copyFileSync(join(CONSUMERS, file), join(directory, file));
  writeFileSync(join(directory, "worker.ts"), worker(name, classes));
  writeFileSync(join(directory, "node.ts"), nodeScript(name));
  const dependencies: Record<string, string> = {};
  for (const { name: each, tarball } of closure(name, packages)) dependencies[`@landline/${each}`] = `file:${tarball}`;
  writeJson(directory, "package.json", { private: true, type: "module", dependencies });
  run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: directory });
}

/** Bundles the Worker as wrangler would, and lets nothing of Node in. Returns the file's name. */
export async function bundleWorker(directory: string): Promise<string> {
  await build({
    absWorkingDir: directory,
    entryPoints: ["worker.ts"],
    outfile: join(directory, "worker.bundle.js"),
    bundle: true,
    format: "esm",
    target: "es2024",
    platform: "neutral",
    conditions: ["workerd", "worker"],
    external: ["cloudflare:*"],
  });
  return "worker.bundle.js";
}

/** Runs the Node script. Returns what it printed. */
export function runNode(directory: string, services: unknown, caFile: string): string {
  writeJson(directory, "services.json", services);
  return run(process.execPath, ["node.ts"], { cwd: directory, env: { NODE_EXTRA_CA_CERTS: caFile } });
}

/**
 * Type-checks the project as a stranger's compiler does, the installed declarations included, with Node's types or with
 * those of Workers. Returns the compiler's complaints, `""` when it has none.
 */
export function typeCheck(directory: string, moduleResolution: "nodenext" | "bundler"): string {
  const node = moduleResolution === "nodenext";
  const types = dirname(require.resolve(node ? "@types/node/package.json" : "@cloudflare/workers-types/package.json"));
  const config = `tsconfig.${moduleResolution}.json`;
  writeJson(directory, config, {
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      target: "ES2024",
      lib: ["ESNext"],
      module: node ? "nodenext" : "esnext",
      moduleResolution,
      types: [types],
      customConditions: node ? [] : ["workerd", "worker"],
      allowImportingTsExtensions: true,
      noEmit: true,
      skipLibCheck: false,
    },
    files: node ? ["node.ts"] : ["worker.ts"],
  });
  const { status, stdout, stderr } = spawnSync("tsc", ["--project", config], { cwd: directory, encoding: "utf8" });
  return status === 0 ? "" : `tsc ended with ${status}\n${stdout}${stderr}`;
}

/** A package and those of ours that it depends on. */
function closure(name: string, packages: readonly PackedPackage[]): PackedPackage[] {
  const names = new Set([`@landline/${name}`]);
  for (const each of names) {
    const { folder } = packages.find((packed) => `@landline/${packed.name}` === each)!;
    for (const dependency of Object.keys(manifestOf(folder).dependencies ?? {})) names.add(dependency);
  }
  return packages.filter((packed) => names.has(`@landline/${packed.name}`));
}

// A consumer with classes has bindings of its own: it exports their type, and its use takes them.
function worker(name: string, classes: readonly string[]): string {
  const exports = classes.length === 0 ? "" : `export { ${classes.join(", ")} } from "./${name}.ts";\n`;
  const args = classes.length === 0 ? "env.SERVICES" : "env.SERVICES, env";
  const bindings = classes.length === 0 ? "services" : name;
  return `import { use } from "./${name}.ts";
import type { Env } from "./${bindings}.ts";
${exports}
export default {
  async fetch(_request: Request, env: Env): Promise<Response> {
    const headers = { "x-process": typeof Reflect.get(globalThis, "process") };
    return new Response(await use(${args}), { headers });
  },
};
`;
}

function nodeScript(name: string): string {
  return `import { readFileSync } from "node:fs";
import { use } from "./${name}.ts";
import type { Services } from "./services.ts";

const services = JSON.parse(readFileSync("services.json", "utf8")) as Services;
process.stdout.write(await use(services));
`;
}

function writeJson(directory: string, file: string, value: unknown): void {
  writeFileSync(join(directory, file), JSON.stringify(value, null, 2));
}
