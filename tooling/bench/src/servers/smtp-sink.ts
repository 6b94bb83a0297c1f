// An SMTP server that only counts: as little work as the protocol allows, so that a client's own time shows. It offers
// PIPELINING, 8BITMIME and SMTPUTF8, at a second port CHUNKING too, takes every message, and keeps none. Set-up by IPC: {};
// answers { sink, chunkingSink }.

import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

const OFFERS = "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 52428800\r\n";
const REPLIES: Readonly<Record<string, string>> = {
  HELO: "250 sink\r\n",
  MAIL: "250 2.1.0 ok\r\n",
  RCPT: "250 2.1.5 ok\r\n",
  RSET: "250 2.0.0 ok\r\n",
  NOOP: "250 2.0.0 ok\r\n",
  DATA: "354 go on\r\n",
  QUIT: "221 2.0.0 bye\r\n",
};

process.on("disconnect", () => process.exit());
process.once("message", () => void start());

async function start(): Promise<void> {
  process.send?.({
    sink: await listen("250 SMTPUTF8\r\n"),
    chunkingSink: await listen("250-SMTPUTF8\r\n250 CHUNKING\r\n"),
  });
}

function listen(offers: string): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => serve(socket, OFFERS + offers));
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function serve(socket: Socket, hello: string): void {
  let rest = "";
  let body = false;
  let chunk = 0;
  socket.on("error", () => socket.destroy());
  socket.write("220 sink ESMTP\r\n");
  socket.on("data", (bytes) => {
    rest += bytes.toString("latin1");
    let at = 0;
    let replies = "";
    let quit = false;
    for (;;) {
      if (chunk > 0) {
        const taken = Math.min(chunk, rest.length - at);
        chunk -= taken;
        at += taken;
        if (chunk > 0) break;
        replies += "250 2.0.0 taken\r\n";
      }
      const mark = body ? "\r\n.\r\n" : "\r\n";
      const end = rest.indexOf(mark, at);
      if (end < 0) {
        // Of a body nothing is kept but what may be the beginning of its mark.
        if (body) at = Math.max(at, rest.length - mark.length + 1);
        break;
      }
      const verb = body ? "" : rest.slice(at, at + 4).toUpperCase();
      if (verb === "BDAT") chunk = Number.parseInt(rest.slice(at + 5, end));
      else if (body) replies += "250 2.0.0 taken\r\n";
      else replies += verb === "EHLO" ? hello : (REPLIES[verb] ?? "500 5.5.2 what?\r\n");
      at = end + mark.length;
      // The mark of an empty body begins with the line end of DATA itself; no client here sends one.
      body = verb === "DATA";
      quit ||= verb === "QUIT";
    }
    rest = rest.slice(at);
    if (replies !== "") socket.write(replies);
    if (quit) socket.end();
  });
}
