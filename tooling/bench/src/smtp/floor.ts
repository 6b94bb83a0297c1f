// The floor of SMTP: a message that was composed beforehand; MAIL, RCPT and DATA in one write, then the body, and only
// the last line of each answer is looked for. Callers share the connections as our client's do.

import type { Socket } from "node:net";
import type { Contestant } from "../harness/contestant.ts";
import { inFlight, unknownScenario } from "../harness/contestant.ts";
import { open } from "../harness/pump.ts";
import { MESSAGE, PARALLEL, serverOf } from "./workload.ts";

const { from, to, subject, text } = MESSAGE;
const ENVELOPE = `MAIL FROM:<${from}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`;
const BODY = `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\n${text}\r\n.\r\n`;

export const contestant: Contestant = async (scenario, target) => {
  const parallel = PARALLEL[scenario];
  if (parallel === undefined) throw unknownScenario(scenario);
  const { hostname, port } = serverOf(scenario, target);
  const sockets = await Promise.all(Array.from({ length: parallel.connections }, () => open(hostname, port)));
  await Promise.all(sockets.map((socket) => greet(socket)));
  let next = 0;
  const run = inFlight(parallel.connections, () => send(sockets[next++ % sockets.length] as Socket));
  return { run, close: () => sockets.forEach((socket) => socket.destroy()) };
};

async function greet(socket: Socket): Promise<void> {
  await answered(socket, "220 ");
  socket.write("EHLO floor\r\n");
  await answered(socket, "250 ");
}

async function send(socket: Socket): Promise<void> {
  socket.write(ENVELOPE);
  await answered(socket, "354 ");
  socket.write(BODY);
  await answered(socket, "250 2.0.0");
}

function answered(socket: Socket, mark: string): Promise<void> {
  return new Promise((resolve) => {
    let text = "";
    const onData = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      const at = text.lastIndexOf(mark);
      if (at < 0 || !text.endsWith("\r\n")) return;
      socket.off("data", onData);
      resolve();
    };
    socket.on("data", onData);
  });
}
