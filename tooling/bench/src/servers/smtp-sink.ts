// An SMTP server that only counts: as little work as the protocol allows, so that a client's own time shows. It offers
// PIPELINING, 8BITMIME and SMTPUTF8, takes every message, and keeps none. Set-up by IPC: {}; answers { port }.

import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

const REPLIES: Readonly<Record<string, string>> = {
  EHLO: "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 52428800\r\n250 SMTPUTF8\r\n",
  HELO: "250 sink\r\n",
  MAIL: "250 2.1.0 ok\r\n",
  RCPT: "250 2.1.5 ok\r\n",
  RSET: "250 2.0.0 ok\r\n",
  NOOP: "250 2.0.0 ok\r\n",
  DATA: "354 go on\r\n",
  QUIT: "221 2.0.0 bye\r\n",
};

process.on("disconnect", () => process.exit());
process.once("message", () => {
  const server = createServer({ noDelay: true }, serve);
  server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
});

function serve(socket: Socket): void {
  let rest = "";
  let body = false;
  socket.on("error", () => socket.destroy());
  socket.write("220 sink ESMTP\r\n");
  socket.on("data", (chunk) => {
    rest += chunk.toString("latin1");
    let replies = "";
    let quit = false;
    for (;;) {
      const mark = body ? "\r\n.\r\n" : "\r\n";
      const end = rest.indexOf(mark);
      if (end < 0) break;
      const verb = body ? "" : rest.slice(0, 4).toUpperCase();
      rest = rest.slice(end + mark.length);
      replies += body ? "250 2.0.0 taken\r\n" : (REPLIES[verb] ?? "500 5.5.2 what?\r\n");
      // The mark of an empty body begins with the line end of DATA itself; no client here sends one.
      body = verb === "DATA";
      quit ||= verb === "QUIT";
    }
    if (replies !== "") socket.write(replies);
    if (quit) socket.end();
  });
}
