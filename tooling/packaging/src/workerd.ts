// A Worker in workerd itself, without wrangler and without the test plugin: both turn Node compatibility on, and what is
// to be shown here is that a package needs none.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Readable } from "node:stream";

const { default: workerd } = createRequire(import.meta.url)("workerd") as { default: string };

/** A Worker that is served. */
export interface ServedWorker extends AsyncDisposable {
  readonly url: string;
}

/** What {@link serve} needs. */
export interface WorkerOptions {
  /** The bundled module, relative to `directory`. */
  readonly module: string;
  readonly directory: string;
  /** Available to the Worker as `env.SERVICES`. */
  readonly services: unknown;
  /** The CA to trust, PEM. */
  readonly ca: string;
  /** Durable Object classes that the module exports, by binding. */
  readonly durableObjects?: Readonly<Record<string, string>>;
}

/** Serves a Worker on a free port of loopback until it is disposed of. */
export async function serve(options: WorkerOptions): Promise<ServedWorker> {
  const { directory } = options;
  writeFileSync(join(directory, "ca.pem"), options.ca);
  writeFileSync(join(directory, "services.json"), JSON.stringify(options.services));
  writeFileSync(join(directory, "worker.capnp"), configuration(options));
  const child = spawn(workerd, ["serve", "worker.capnp", "--control-fd=3"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += String(chunk)));
  const exited = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`workerd ended with ${code ?? signal}\n${output}`)));
  });
  exited.catch(() => undefined);
  try {
    const port = await Promise.race([listening(child.stdio[3] as Readable), exited]);
    return {
      url: `http://127.0.0.1:${port}/`,
      async [Symbol.asyncDispose]() {
        child.kill();
        await exited.catch(() => undefined);
      },
    };
  } catch (error) {
    child.kill();
    throw error;
  }
}

/** The port, from the line of JSON that workerd writes to its control descriptor once a socket listens. */
async function listening(control: Readable): Promise<number> {
  let text = "";
  for await (const chunk of control) {
    text += String(chunk);
    const line = text.split("\n").find((each) => each.includes('"listen"'));
    if (line !== undefined) return (JSON.parse(line) as { port: number }).port;
  }
  throw new Error("workerd closed its control descriptor before it listened");
}

function configuration({ module, durableObjects = {} }: WorkerOptions): string {
  const bindings = [`(name = "SERVICES", json = embed "services.json")`];
  const namespaces: string[] = [];
  for (const [binding, className] of Object.entries(durableObjects)) {
    bindings.push(`(name = "${binding}", durableObjectNamespace = "${className}")`);
    namespaces.push(`(className = "${className}", uniqueKey = "${className}")`);
  }
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (
      allow = ["public", "private"],
      tlsOptions = (trustBrowserCas = true, trustedCertificates = [embed "ca.pem"])
    ))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "${module}")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["no_nodejs_compat", "no_nodejs_compat_v2"],
  bindings = [${bindings.join(", ")}],
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (inMemory = void)
);
`;
}
