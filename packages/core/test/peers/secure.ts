// Peers that speak TLS from the first byte.

import type { Server, Socket } from "node:net";
import { createServer } from "node:tls";
import type { TLSSocket, TlsOptions } from "node:tls";
import type { Identity } from "./kinds.ts";

/** What a TLS peer learned in the handshake: the line that it says first. */
export interface Handshake {
  readonly alpn: string | false;
  readonly servername: string | false;
  /** Whether the client showed a certificate that the peer trusts. */
  readonly client: boolean;
}

/** Echoes. */
export function echoTls(identity: Identity): Server {
  return serve({ ...identity, allowHalfOpen: true }, (socket) => void socket.pipe(socket));
}

/** Cuts the connection at the first byte, with no end of TLS: by a FIN, or by a reset. */
export function cuttingTls(identity: Identity, how: "fin" | "reset"): Server {
  const raw = new Map<string, Socket>();
  const server = serve({ ...identity, allowHalfOpen: true }, (socket) => {
    socket.once("data", () => {
      const beneath = raw.get(`${socket.remotePort}`);
      if (how === "reset") beneath?.resetAndDestroy();
      else beneath?.destroy();
    });
  });
  server.on("connection", (socket: Socket) => void raw.set(`${socket.remotePort}`, socket));
  return server;
}

/** Says what it learned in the handshake, and echoes then. Asks for a client's certificate, and trusts those of `ca`. */
export function tellingTls(identity: Identity, ca: string): Server {
  const options = { requestCert: true, rejectUnauthorized: false, ca, ALPNProtocols: ["landline/2", "landline/1"] };
  return serve({ ...identity, ...options, allowHalfOpen: true }, (socket) => {
    const told: Handshake = {
      alpn: socket.alpnProtocol ?? false,
      servername: (socket as TLSSocket & { servername?: string | false }).servername ?? false,
      client: socket.authorized,
    };
    socket.write(`${JSON.stringify(told)}\n`);
    socket.pipe(socket);
  });
}

function serve(options: TlsOptions & { allowHalfOpen: boolean }, serve: (socket: TLSSocket) => void): Server {
  const server = createServer(options, (socket) => {
    socket.on("error", () => {});
    serve(socket);
  });
  server.on("tlsClientError", () => {});
  return server;
}
