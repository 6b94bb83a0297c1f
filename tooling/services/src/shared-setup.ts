// vitest's globalSetup for servers that a few projects want: the first that asks starts them, the last that leaves stops them.
// A project lists it behind "@landline/services/vitest", whose certificate these servers show.

import type { ProvidedContext } from "vitest";
import type { TestProject } from "vitest/node";
import type {} from "./provided.ts";
import { Run } from "./run.ts";
import type { Services } from "./types.ts";

/** How to start something, in a run of its own. What it returns is what the tests get. */
export type Start<T> = (run: Run, services: Services) => Promise<{ readonly value: T; stop?(): Promise<void> }>;

interface Shared<T> {
  users: number;
  readonly run: Run;
  readonly starting: ReturnType<Start<T>>;
}

/** The function that a globalSetup module exports. Tests read the value by `inject(name)`. */
export function sharedSetup<Name extends Extract<keyof ProvidedContext, string>>(
  name: Name,
  start: Start<ProvidedContext[Name]>,
): (project: TestProject) => Promise<() => Promise<void>> {
  // Every project loads its own copy of this module.
  const key = Symbol.for(`@landline/services/${name}`);
  const holder = globalThis as { [key: symbol]: Shared<ProvidedContext[Name]> | undefined };
  return async (project) => {
    const { services } = project.getProvidedContext();
    const shared = (holder[key] ??= begin(start, services));
    shared.users++;
    const leave = async (): Promise<void> => {
      if (--shared.users > 0) return;
      if (holder[key] === shared) holder[key] = undefined;
      const started = await shared.starting.catch(() => undefined);
      await started?.stop?.();
      await shared.run.close();
    };
    try {
      project.provide(name, (await shared.starting).value);
    } catch (cause) {
      const logs = shared.run.logs();
      await leave();
      throw new Error(`${name} did not start. ${(cause as Error).message}\n${logs}`, { cause });
    }
    return leave;
  };
}

function begin<T>(start: Start<T>, services: Services): Shared<T> {
  const run = new Run();
  return { users: 0, run, starting: start(run, services) };
}
