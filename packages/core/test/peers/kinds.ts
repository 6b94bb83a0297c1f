// What the servers do, each one thing, some of it nasty. A kind serves one connection.

import type { Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

/** Notes what a peer could tell about a connection. */
interface Notes {
  /** Bytes that the kernel has taken. */
  sent: number;
}

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export type Serve = (socket: Socket, notes: Notes) => void;

/** Kinds that need nothing but a connection. */
export type Kind = "echo" | "silent" | "shedding" | "closing" | "resetting" | "truncating" | "deaf" | "flood";

export const KINDS: Record<Kind, Serve> = {
  /** Sends back what it gets, and its FIN after the other's. */
  echo: (socket) => void socket.pipe(socket),
  /** Accepts, and never says a word. */
  silent: (socket) => void socket.resume(),
  /** Accepts, and ends at once. */
  shedding: (socket) => void socket.resume().end(),
  /** Says `bye` and ends. */
  closing: (socket) => void socket.resume().end("bye\n"),
  /** Resets the connection at the first byte. */
  resetting: (socket) => void socket.once("data", () => socket.resetAndDestroy()),
  /** Sends five bytes of a frame at the first byte, and a FIN or a reset at the second. */
  truncating: (socket) =>
    void socket.once("data", () => {
      socket.write("12345");
      socket.once("data", (how) => (String(how) === "reset" ? socket.resetAndDestroy() : socket.end()));
    }),
  /** Reads nothing. */
  deaf: (socket) => void socket.pause(),
  /** Sends as many bytes as the number on the first line says, then ends; the byte at offset n is n mod 251. */
  flood,
};

function flood(socket: Socket, notes: Notes): void {
  socket.once("data", (line) => {
    let left = Number(line.toString());
    let at = 0;
    const more = (): void => {
      if (left <= 0) return void socket.end();
      const chunk = Buffer.alloc(Math.min(left, 251 * 256));
      for (let index = 0; index < chunk.length; index++) chunk[index] = (at + index) % 251;
      left -= chunk.length;
      at += chunk.length;
      socket.write(chunk, (error) => {
        if (error !== undefined && error !== null) return;
        notes.sent += chunk.length;
        more();
      });
    };
    more();
  });
}

/**
 * A line protocol that upgrades at `STARTTLS`. The word after it chooses what happens: `well`, `decline`, `inject` (a line
 * in the clear behind the go-ahead), `split` (the go-ahead, and then a line in the clear), `plain` (goes on without TLS),
 * `mute` (no go-ahead, TLS at once), `hangup`, `silent`, `untrusted`.
 */
export function startTls(certificate: Identity, untrusted: Identity): Serve {
  return (socket) => {
    firstLine(socket, (line) => {
      const [, how = "well"] = line.split(" ");
      if (how === "decline") return void socket.write("NO\n", () => socket.pipe(socket));
      if (how === "hangup") return void socket.resume().end();
      if (how === "silent") return void socket.resume();
      if (how === "inject") socket.write("GO\nEVIL\n");
      else if (how !== "mute") socket.write("GO\n");
      if (how === "split") socket.write("EVIL\n");
      if (how === "plain") return void socket.resume().once("data", () => socket.end("this is not TLS\n"));
      const secureContext = createSecureContext(how === "untrusted" ? untrusted : certificate);
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      secure.on("error", () => {});
      secure.pipe(secure);
    });
  };
}

/** Serves a paused socket. What comes behind the line stays in it: that may be the beginning of a handshake. */
function firstLine(socket: Socket, serve: (line: string) => void): void {
  let bytes = Buffer.alloc(0);
  const more = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf("\n");
    if (end < 0) return;
    socket.off("data", more);
    socket.pause();
    if (end + 1 < bytes.length) socket.unshift(bytes.subarray(end + 1));
    serve(bytes.subarray(0, end).toString());
  };
  socket.on("data", more);
}
