// What starting a server process takes, whichever it is: free ports, patience, and a good account of a failure.

import { freePort } from "./ports.ts";
import type { Command, Run, RunningProcess } from "./run.ts";

const ATTEMPTS = 10;
const READY_TIMEOUT = 60_000;
const POLL = 20;
const PORT_TAKEN = /address already in use/i;

/**
 * Starts a server on free ports, one for each name, again on others when somebody took one in between, and returns them once
 * the server's log says that it is ready. @throws when it ends before, or takes too long.
 */
export async function startServer<Name extends string>(
  run: Run,
  names: readonly Name[],
  ready: RegExp,
  commandFor: (ports: Readonly<Record<Name, number>>) => Command,
): Promise<Readonly<Record<Name, number>>> {
  for (let attempt = 1; ; attempt++) {
    const entries: [Name, number][] = [];
    for (const name of names) entries.push([name, await freePort()]);
    const ports = Object.fromEntries(entries) as Record<Name, number>;
    const command = commandFor(ports);
    const name = attempt === 1 ? command.name : `${command.name}-${attempt}`;
    const server = run.start({ ...command, name });
    const failure = await untilReady(run, name, server, ready);
    // Postgres goes on when it got one address of two, so a taken port may show in the log of a server that is ready.
    const portTaken = PORT_TAKEN.test(run.log(name));
    if (failure === undefined && !portTaken) return ports;
    await server.stop();
    if (!portTaken || attempt === ATTEMPTS) throw new Error(failure ?? `${name}: every port tried was taken`);
  }
}

async function untilReady(run: Run, name: string, server: RunningProcess, ready: RegExp): Promise<string | undefined> {
  let ended: { readonly by: number | NodeJS.Signals } | undefined;
  void server.exited.then((by) => (ended = { by }));
  const deadline = Date.now() + READY_TIMEOUT;
  while (Date.now() < deadline) {
    if (ready.test(run.log(name))) return undefined;
    if (ended !== undefined) return `${name} ended with ${ended.by} while starting`;
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  return `${name} was not ready within ${READY_TIMEOUT / 1000} s`;
}
