// Three plain TCP servers for the core: a source of 64 MiB for each byte that it is sent, a sink that answers one byte for
// each 1.28 MB, an echo. Set-up by IPC: {}; answers { source, bytes, echo }, the ports.

import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { SOURCE_BYTES, WRITE_BYTES } from "../core/workload.ts";

const block = new Uint8Array(256 * 1024).fill(0x61);

function source(socket: Socket): void {
  socket.on("data", (asked) => {
    let left = asked.length * SOURCE_BYTES;
    const pump = (): void => {
      while (left > 0 && !socket.destroyed) {
        const piece = block.subarray(0, Math.min(left, block.length));
        left -= piece.length;
        if (!socket.write(piece)) return void socket.once("drain", pump);
      }
    };
    pump();
  });
}

function bytes(socket: Socket): void {
  let have = 0;
  socket.on("data", (chunk) => {
    have += chunk.length;
    for (; have >= WRITE_BYTES; have -= WRITE_BYTES) socket.write("k");
  });
}

function echo(socket: Socket): void {
  socket.on("data", (chunk) => socket.write(chunk));
}

function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    serve(socket);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

process.on("disconnect", () => process.exit());
process.once("message", () => {
  void Promise.all([listen(source), listen(bytes), listen(echo)]).then(([sourcePort, bytesPort, echoPort]) =>
    process.send?.({ source: sourcePort, bytes: bytesPort, echo: echoPort }),
  );
});
