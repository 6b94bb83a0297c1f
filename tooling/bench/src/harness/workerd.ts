// Contestants in workerd itself, each in a process of its own; without Node compatibility unless a peer needs it.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.ts";
import type { Count, Target } from "./contestant.ts";
import { workerdProgram } from "./programs.ts";
import type { Round, Runner, Start } from "./runner.ts";

/** How a module runs. */
export interface WorkerdOptions {
  readonly nodeCompat?: boolean;
  /** Classes of Durable Objects that the module exports, each bound by its own name. */
  readonly durableObjects?: readonly string[];
}

const ENTRY = fileURLToPath(import.meta.resolve("./workerd-entry.ts"));
const PATIENCE = 60_000;

/** A client in workerd. */
export function onWorkerd(module: string, options: WorkerdOptions = {}): Start {
  return async (scenario, target) => {
    const worker = await startWorker(await bundleContestant(module, options), target, options);
    try {
      const socket = new WebSocket(`${worker.url.replace("http", "ws")}?scenario=${encodeURIComponent(scenario)}`);
      await settled(socket, "open", module);
      const say = async (order: string): Promise<unknown> => {
        const answered = settled(socket, "message", module);
        socket.send(order);
        const answer = JSON.parse(String(((await answered) as MessageEvent).data)) as { error?: string };
        if (answer.error !== undefined) throw new Error(`${module}, ${scenario}: ${answer.error}`);
        return answer;
      };
      await say("open");
      return {
        run: async (budgetMs) => {
          const before = cpuMicrosOf(worker.pid);
          const resident = startWatchingMemory(worker.pid);
          const count = (await say(String(budgetMs))) as Count;
          const grownBytes = difference(resident, residentBytesOf(worker.pid, "VmHWM"));
          return { ...count, grownBytes, cpuMicros: difference(before, cpuMicrosOf(worker.pid)) };
        },
        close: async () => {
          await say("close").catch(() => undefined);
          socket.close();
          await worker.stop();
        },
      };
    } catch (error) {
      await worker.stop();
      throw error;
    }
  };
}

/** One request after the other, each of which opens what it needs. */
export function coldOnWorkerd(module: string, options: WorkerdOptions = {}): Start {
  return async (scenario, target): Promise<Runner> => {
    const worker = await startWorker(await bundleContestant(module, options), target, options);
    return {
      run: async (budgetMs): Promise<Round> => {
        const before = cpuMicrosOf(worker.pid);
        const start = performance.now();
        let operations = 0;
        do {
          await request(`${worker.url}?scenario=${scenario}`);
          operations++;
        } while (performance.now() < start + budgetMs);
        const elapsedMs = performance.now() - start;
        return { operations, elapsedMs, cpuMicros: difference(before, cpuMicrosOf(worker.pid)) };
      },
      close: worker.stop,
    };
  };
}

/** From the start of the process to the answer to a first request that uses nothing of the client. */
export function startUpOnWorkerd(module: string, options: WorkerdOptions = {}): Start {
  return async (_, target): Promise<Runner> => {
    const code = await bundleContestant(module, options, "idle");
    return {
      run: async (): Promise<Round> => {
        const start = performance.now();
        const worker = await startWorker(code, target, options);
        await request(worker.url);
        const elapsedMs = performance.now() - start;
        const cpuMicros = cpuMicrosOf(worker.pid);
        await worker.stop();
        return { operations: 1, elapsedMs, cpuMicros };
      },
      close: async () => {},
    };
  };
}

async function request(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
  const text = await response.text();
  if (!response.ok) throw new Error(`the Worker answered ${response.status}: ${text.slice(0, 200)}`);
}

function bundleContestant(module: string, { nodeCompat = false }: WorkerdOptions, as = "serve"): Promise<Uint8Array> {
  const serving = `import { serve } from ${JSON.stringify(ENTRY)}; export default serve(contestant);`;
  const idle = `export const kept = contestant; export default { fetch: () => new Response("idle") };`;
  return bundle({
    source: `import { contestant } from ${JSON.stringify(fileURLToPath(module))}; ${as === "idle" ? idle : serving}`,
    directory: fileURLToPath(new URL("..", import.meta.url)),
    nodeCompat,
  });
}

/** A workerd that listens. */
export interface Worker {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts workerd with one module. It ends with this process. @throws when it does not come to listen. */
export async function startWorker(code: Uint8Array, target: Target, options: WorkerdOptions): Promise<Worker> {
  const directory = mkdtempSync(join(tmpdir(), "landline-bench-"));
  writeFileSync(join(directory, "worker.js"), code);
  writeFileSync(join(directory, "ca.pem"), target.services.ca.pem);
  writeFileSync(join(directory, "target.json"), JSON.stringify(target));
  writeFileSync(join(directory, "worker.capnp"), configuration(options));
  const child = spawn(workerdProgram(), ["serve", "worker.capnp", "--control-fd=3"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += String(chunk)));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const discard = (): void => {
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  };
  // An interrupted run leaves no workerd behind.
  process.once("exit", discard);
  const stop = async (): Promise<void> => {
    process.off("exit", discard);
    child.kill("SIGKILL");
    await exited;
    discard();
  };
  const died = exited.then(() => Promise.reject(new Error(`workerd ended:\n${output}`)));
  died.catch(() => undefined);
  try {
    const port = await Promise.race([listening(child.stdio[3] as Readable), died]);
    return { url: `http://127.0.0.1:${port}/`, pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The port, from the line of JSON that workerd writes once a socket listens. */
async function listening(control: Readable): Promise<number> {
  let text = "";
  for await (const chunk of control) {
    text += String(chunk);
    const line = text.split("\n").find((each) => each.includes('"listen"'));
    if (line !== undefined) return (JSON.parse(line) as { port: number }).port;
  }
  throw new Error("workerd closed its control descriptor before it listened");
}

function configuration({ nodeCompat = false, durableObjects = [] }: WorkerdOptions): string {
  const namespaces = durableObjects.map((name) => `(className = "${name}", uniqueKey = "${name}")`);
  const bindings = durableObjects.map((name) => `, (name = "${name}", durableObjectNamespace = "${name}")`);
  const flags = nodeCompat ? ["nodejs_compat"] : ["no_nodejs_compat", "no_nodejs_compat_v2"];
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
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ${JSON.stringify(flags)},
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (inMemory = void),
  bindings = [(name = "TARGET", json = embed "target.json")${bindings.join("")}]
);
`;
}

/** CPU time of all threads of a process; `null` where the system does not tell. */
export function cpuMicrosOf(pid: number): number | null {
  try {
    const tasks = `/proc/${pid}/task`;
    const nanoseconds = readdirSync(tasks).map((task) =>
      Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]),
    );
    return nanoseconds.reduce((sum, each) => sum + each, 0) / 1_000;
  } catch {
    return null;
  }
}

/** Resident memory now; the peak is counted from here. */
function startWatchingMemory(pid: number): number | null {
  try {
    // proc(5): 5 resets the peak.
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
    return residentBytesOf(pid, "VmRSS");
  } catch {
    return null;
  }
}

function residentBytesOf(pid: number, field: "VmRSS" | "VmHWM"): number | null {
  try {
    const kib = new RegExp(`^${field}:\\s*(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  } catch {
    return null;
  }
}

export function difference(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before;
}

function settled(socket: WebSocket, type: "open" | "message", what: string): Promise<Event> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(new Error(`${what} did not answer within ${PATIENCE} ms`)), PATIENCE);
    const onEvent = (event: Event): void => finish(event);
    const onClose = (): void => finish(new Error(`${what} closed its WebSocket`));
    const finish = (outcome: Event | Error): void => {
      clearTimeout(timer);
      socket.removeEventListener(type, onEvent);
      socket.removeEventListener("close", onClose);
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    socket.addEventListener(type, onEvent);
    socket.addEventListener("close", onClose);
  });
}
