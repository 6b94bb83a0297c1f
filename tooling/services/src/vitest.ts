// vitest's globalSetup: one set of servers for the whole vitest process, however many projects ask for it.
// Tests get it by inject("services").

import type { TestProject } from "vitest/node";
import type {} from "./provided.ts";
import { startServices, type RunningServices } from "./start.ts";

interface Shared {
  users: number;
  readonly starting: Promise<RunningServices>;
  readonly restoreEnvironment: () => void;
}

// Every project loads its own copy of this module.
const holder = globalThis as { [key: symbol]: Shared | undefined };
const KEY = Symbol.for("@landline/services/vitest");

/** Starts the servers, or joins them; the function returned leaves them, and the last one out stops them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (holder[KEY] ??= start());
  shared.users++;
  try {
    project.provide("services", (await shared.starting).services);
  } catch (error) {
    await leave(shared);
    throw error;
  }
  return () => leave(shared);
}

function start(): Shared {
  const names = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];
  const before = names.map((name) => process.env[name]);
  const starting = startServices().then((running) => {
    // Node's worker processes read the first when they start, workerd the second.
    for (const name of names) process.env[name] = running.services.ca.file;
    return running;
  });
  const restoreEnvironment = (): void => {
    for (const [index, name] of names.entries()) {
      const value = before[index];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  return { users: 0, starting, restoreEnvironment };
}

async function leave(shared: Shared): Promise<void> {
  if (--shared.users > 0) return;
  if (holder[KEY] === shared) holder[KEY] = undefined;
  shared.restoreEnvironment();
  const running = await shared.starting.catch(() => undefined);
  await running?.stop();
}
