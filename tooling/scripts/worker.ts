// Runs a Worker in workerd, at an address of loopback, in a process of its own: workerd trusts a private CA only by the
// environment that its parent started with. Several at a time do not know of each other, and nothing is kept on disk.

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkerMessage } from "./worker-child.ts";

const START_TIMEOUT = 60_000;
const STOP_GRACE = 5_000;

/** What to run. */
export interface WorkerOptions {
  /** The app's wrangler.jsonc. */
  readonly config: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** A PEM file: what workerd trusts. */
  readonly caFile: string;
  /** Builds anew when a source file changes. Default false. */
  readonly watch?: boolean;
  /** What the Worker writes to its console. */
  readonly log?: (level: string, message: string) => void;
}

/** A Worker that runs. */
export interface RunningWorker extends AsyncDisposable {
  readonly url: string;
  /** Of the process that runs workerd. */
  readonly pid: number;
  /** Ends with the reason when it ends by itself. Never rejects. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

/** Starts a Worker; it answers when the promise resolves. @throws Error with what wrangler said */
export async function startWorker({
  config,
  secrets,
  caFile,
  watch = false,
  log,
}: WorkerOptions): Promise<RunningWorker> {
  // What wrangler would keep in the home directory; nothing of it is worth keeping.
  const home = mkdtempSync(join(tmpdir(), "landline-worker-"));
  const child = fork(join(import.meta.dirname, "worker-child.ts"), [], {
    // In a group of its own, so that Ctrl-C reaches the command, which then stops what it has started, in order.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    execArgv: [],
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: caFile,
      XDG_CONFIG_HOME: home,
      XDG_CACHE_HOME: home,
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "false",
      CI: "true",
      NO_COLOR: "1",
    },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-8_000)));
  }
  // Its group goes with it: workerd would outlive a process that was killed.
  child.once("exit", () => {
    killGroup(child.pid);
    rmSync(home, { recursive: true, force: true });
  });
  // Not "close": that does not come after a disconnect of ours.
  const exited = once(child, "exit").then(([code, signal]) =>
    `the Worker's process ended (${signal ?? code}).\n${said}`.trimEnd(),
  );

  const stop = async (): Promise<void> => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE);
    if (child.connected) child.disconnect();
    await exited;
    clearTimeout(timer);
  };

  const ready = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => ready.reject(new Error(`the Worker did not start in ${START_TIMEOUT} ms.\n${said}`)),
    START_TIMEOUT,
  );
  void exited.then((reason) => ready.reject(new Error(reason)));
  child.on("error", ready.reject);
  child.on("message", (message: WorkerMessage) => {
    if (message.type === "ready") ready.resolve(message.url);
    else if (message.type === "failed")
      ready.reject(new Error(`the Worker did not start: ${message.reason}\n${said}`.trimEnd()));
    else log?.(message.level, message.text);
  });
  child.send({ config, secrets, watch });
  try {
    const url = await ready.promise;
    return { url, pid: child.pid as number, exited, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}
