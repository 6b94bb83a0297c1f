// A connection that is about to be upgraded to TLS, and what can be said over it then.

import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { expect, inject, onTestFinished } from "vitest";
import { nodeSocket } from "../src/node-socket/index.ts";
import type { NodeSocket, NodeSocketOptions } from "../src/node-socket/index.ts";

const peers = inject("peers");

/** A connection to the peer that upgrades, after its answer to `STARTTLS how`. */
export async function answered(how: string, options: NodeSocketOptions = {}): Promise<NodeSocket> {
  const socket = nodeSocket(options).connect(peers.starttls, "localhost");
  onTestFinished(() => void socket.on("error", () => {}).destroy());
  await once(socket, "connect");
  socket.write(`STARTTLS ${how}\n`);
  const [go] = (await once(socket, "data")) as [Buffer];
  expect(String(go)).toMatch(/^GO\n/);
  return socket;
}

/** Sends `text`, and resolves to as much as comes back. */
export function echo(socket: NodeSocket | TLSSocket, text: string): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const more = (chunk: Buffer): void => {
      said += String(chunk);
      if (said.length < text.length) return;
      socket.off("data", more);
      resolve(said);
    };
    socket.on("data", more);
    socket.write(text);
  });
}

/** The error that the socket reports. */
export const failure = (socket: NodeSocket | TLSSocket): Promise<Error & { code?: string }> =>
  new Promise((resolve) => socket.on("error", resolve));
