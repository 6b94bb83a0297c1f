// Servers of the benchmark's own, each in a process of its own, so that they take no time from the clients.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Services } from "@landline/services";
import type { ProxyCounts, ProxySetup } from "./proxy.ts";

/** A server process that is ready. */
export interface ServerProcess<T> extends AsyncDisposable {
  /** What it said once it was ready. */
  readonly ready: T;
  ask<R>(question: string): Promise<R>;
}

/** Starts `file` of this folder. It ends with this process, whichever way that ends, because its channel closes. */
export async function startServer<T>(file: string, setup: object): Promise<ServerProcess<T>> {
  const child = fork(fileURLToPath(import.meta.resolve(file)), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`${file} ended`)));
  ended.catch(() => undefined);
  const ask = async (message: string | object): Promise<unknown> => {
    const answered = new Promise((resolve) => child.once("message", resolve));
    child.send(message);
    return Promise.race([answered, ended]);
  };
  return {
    ready: (await ask(setup)) as T,
    ask: <R>(question: string) => ask(question) as Promise<R>,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** A proxy in front of all servers. */
export interface Proxy extends AsyncDisposable {
  /** The services as they are reached through it. */
  readonly services: Services;
  readonly ports: Readonly<Record<string, number>>;
  /** What it saw since the last time. */
  count(): Promise<ProxyCounts>;
}

/** Starts a proxy before the services and before further ports. */
export async function startProxy(delayMs: number, services: Services, ports: Record<string, number>): Promise<Proxy> {
  const { postgres, redis, smtp } = services;
  const upstream = [postgres.port, redis.port, redis.tlsPort, smtp.port, smtp.tlsPort, ...Object.values(ports)];
  const setup: ProxySetup = { delayMs, upstream };
  const server = await startServer<Record<string, number>>("./proxy.ts", setup);
  const through = (text: string): string =>
    // A port stands behind a colon, in the fields and in the URLs alike.
    text.replaceAll(/:(\d{4,5})\b/g, (whole, port: string) => `:${server.ready[port] ?? port}`);
  return {
    services: JSON.parse(through(JSON.stringify(services))) as Services,
    ports: JSON.parse(through(JSON.stringify(ports))) as Record<string, number>,
    count: () => server.ask<ProxyCounts>("count"),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
