// A contestant from the outside: something that can be asked for a round. This file runs them as processes of Node and
// Bun; workerd.ts runs them in workerd, tool.ts runs a native program.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { MARK } from "./child.ts";
import type { Order } from "./child.ts";
import type { Count, Target } from "./contestant.ts";
import type { ProxyCounts } from "../servers/proxy.ts";
import { bunProgram } from "./programs.ts";

/** One round. */
export interface Round extends Count {
  /** Of the client's process, for the whole round. */
  readonly cpuMicros: number | null;
  /** By how much the process's resident memory grew at most, during the round. `null` where the system does not tell. */
  readonly grownBytes?: number | null;
  /** What a proxy counted meanwhile. */
  readonly counts?: ProxyCounts;
}

/** A client that is ready. */
export interface Runner {
  run(budgetMs: number): Promise<Round>;
  close(): Promise<void>;
}

/** Starts a runner; it connects before this resolves. */
export type Start = (scenario: string, target: Target) => Promise<Runner>;

const CHILD = fileURLToPath(import.meta.resolve("./child.ts"));
/** A client that has not answered by then is taken for hung. */
const PATIENCE = 60_000;

/** A client in a process of Node. */
export function onNode(module: string): Start {
  return (scenario, target) => startChild(process.execPath, module, scenario, target);
}

/** A client in a process of Bun. */
export function onBun(module: string): Start {
  return (scenario, target) => startChild(bunProgram(), module, scenario, target);
}

async function startChild(program: string, module: string, scenario: string, target: Target): Promise<Runner> {
  const child = spawn(program, [CHILD, "--child"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: target.services.ca.file, NODE_ENV: "production" },
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const say = async (order: Order): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(order)}\n`);
    for (;;) {
      const { value, done } = (await within(lines.next(), module)) as { value: string; done?: boolean };
      if (done === true) throw new Error(`the process of ${module} ended during ${scenario}`);
      if (!value.startsWith(MARK)) continue;
      const answer = JSON.parse(value.slice(MARK.length)) as { error?: string };
      if (answer.error !== undefined) throw new Error(`${module}, ${scenario}: ${answer.error}`);
      return answer;
    }
  };
  try {
    await say({ open: { module: import.meta.resolve(module), scenario, target } });
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    run: async (budgetMs) => (await say({ run: budgetMs })) as Round,
    close: async () => {
      await say({ close: true }).catch(() => child.kill("SIGKILL"));
      await within(exited, module).catch(() => child.kill("SIGKILL"));
    },
  };
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not answer within ${PATIENCE} ms`)), PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
