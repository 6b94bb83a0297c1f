// Runs a bundled suite on one runtime, in a process of its own, and gives the results as they come.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { programOf } from "./binaries.ts";
import type { RuntimeId } from "./binaries.ts";
import type { Suite } from "./bundle.ts";
import type { TestResult } from "./stand-in.ts";

/** What a run needs beside the suite. */
export interface Settings {
  /** What `inject` gives, by name, beside `runtime`. Plain data. */
  readonly provided: Record<string, unknown>;
  /** The authority to trust, PEM, and a file that has it. */
  readonly ca: { readonly pem: string; readonly file: string };
  /** Called with each result. */
  readonly onResult: (result: TestResult) => void;
}

/** A run that goes on. */
export interface Running {
  /** Resolves when the suite has ended; rejects, with what the runtime printed, when it did not come to its end. */
  readonly done: Promise<void>;
  /** Ends it. */
  stop(): Promise<void>;
}

/** The tests of a suite, in order, without running them. */
export async function listTests(
  suite: Suite,
  provided: Record<string, unknown>,
): Promise<{ file: string; name: string }[]> {
  const directory = await mkdtemp(join(tmpdir(), "landline-suite-"));
  try {
    const file = join(directory, "suite.mjs");
    await writeFile(file, withProvided(suite.node, { ...provided, runtime: "node" }));
    const { listed } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
      listed(): { file: string; name: string }[];
    };
    return listed();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const RUNNER = `
import { run } from "./suite.mjs";
await run((result) => new Promise((resolve) => process.stdout.write(JSON.stringify(result) + "\\n", resolve)));
process.exit(0);
`;

/** Starts `suite` on a runtime. */
export async function runSuite(id: RuntimeId, suite: Suite, settings: Settings): Promise<Running> {
  const program = programOf(id);
  const directory = await mkdtemp(join(tmpdir(), "landline-suite-"));
  const worker = id === "workerd" || id === "workerd-2026-08";
  const module = worker ? suite.workerd : suite.node;
  await writeFile(join(directory, "suite.mjs"), withProvided(module, { ...settings.provided, runtime: id }));
  const child = await (worker ? startWorkerd : startNodeLike)(id, program, directory, settings);
  const end = (): void => void (worker ? child.stdin?.end() : child.kill("SIGKILL"));
  let log = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (log = (log + text).slice(-10_000)));
  const exited = new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", resolve);
  });
  let begun: Promise<void> | undefined;
  const onResult = (result: TestResult): void => {
    // Everything is loaded by now, and nothing is left behind if we die.
    begun ??= rm(directory, { recursive: true, force: true });
    settings.onResult(result);
  };
  const done = (worker ? requestResults : readResults)(child, onResult).then(
    async () => {
      if (worker) end();
      const code = await exited;
      if (!worker && code !== 0) throw new Error(`${id} exited with ${code}\n${log}`);
    },
    async (error: unknown) => {
      end();
      await exited;
      throw new Error(`${id} did not run the suite to its end: ${String(error)}\n${log}`, { cause: error });
    },
  );
  const stop = async (): Promise<void> => {
    end();
    await Promise.all([exited, begun]);
    await rm(directory, { recursive: true, force: true });
  };
  return { done, stop };
}

/** What `inject` gives must be there before the first test file is evaluated. */
function withProvided(module: string, provided: Record<string, unknown>): string {
  return `globalThis.landlineProvided = ${JSON.stringify(provided)};\n${module}`;
}

async function startNodeLike(
  id: RuntimeId,
  program: string,
  directory: string,
  { ca }: Settings,
): Promise<ChildProcess> {
  const main = join(directory, "main.mjs");
  await writeFile(main, RUNNER);
  const flags: Partial<Record<RuntimeId, string[]>> = { deno: ["run", "--allow-all", "--no-config"], bun: ["run"] };
  const { LANDLINE_TEST_REPORT: _, ...environment } = process.env;
  return spawn(program, [...(flags[id] ?? []), main], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...environment,
      NODE_OPTIONS: "",
      NODE_EXTRA_CA_CERTS: ca.file,
      DENO_CERT: ca.file,
      DENO_NO_UPDATE_CHECK: "1",
    },
  });
}

async function startWorkerd(
  _id: RuntimeId,
  program: string,
  directory: string,
  { ca }: Settings,
): Promise<ChildProcess> {
  const config = join(directory, "config.capnp");
  await writeFile(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "suite", worker = .suite),
    (name = "internet", network = (
      allow = ["public", "private"],
      tlsOptions = (trustBrowserCas = true, trustedCertificates = [${JSON.stringify(ca.pem)}]),
    )),
  ],
  sockets = [(name = "http", http = (), service = "suite")],
);
const suite :Workerd.Worker = (
  modules = [(name = "suite", esModule = embed "suite.mjs")],
  compatibilityDate = "2026-08-01",
  compatibilityFlags = ["no_nodejs_compat"],
);
`,
  );
  // A server does not end by itself: the shell ends it when its input does, and so with us, whichever way we end.
  const watched = ["-c", '"$@" & server=$!; exec 3>&-; cat; kill -9 $server', "sh", program];
  return spawn("sh", [...watched, "serve", config, "--socket-addr=http=127.0.0.1:0", "--control-fd=3"], {
    cwd: directory,
    stdio: ["pipe", "ignore", "pipe", "pipe"],
  });
}

/** Learns workerd's port from its control pipe, asks it to run the suite, and reads what it answers. */
async function requestResults(child: ChildProcess, onResult: (result: TestResult) => void): Promise<void> {
  for await (const line of linesOf(child.stdio[3] as Readable)) {
    const event = JSON.parse(line) as { event: string; port?: number };
    if (event.event !== "listen") continue;
    const response = await fetch(`http://127.0.0.1:${event.port}/`);
    if (response.body === null || !response.ok)
      throw new Error(`it answered ${response.status}: ${await response.text()}`);
    for await (const result of linesOf(response.body)) onResult(JSON.parse(result) as TestResult);
    return;
  }
  throw new Error("it did not start");
}

async function readResults(child: ChildProcess, onResult: (result: TestResult) => void): Promise<void> {
  for await (const line of linesOf(child.stdout as Readable)) onResult(JSON.parse(line) as TestResult);
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
