// Connections that fail as a platform has them fail where no test can make it do so: what it says is known.

import { dial, transportOf } from "../src/index.ts";
import type { Connector, DialOptions, Socket } from "../src/index.ts";

/** A socket of another's make, with what is given in place of its own. */
function socketWith(parts: Partial<Socket>): Socket {
  return {
    readable: new ReadableStream<Uint8Array>(),
    writable: new WritableStream<Uint8Array>(),
    opened: Promise.resolve({}),
    closed: new Promise(() => {}),
    upgraded: false,
    secureTransport: "off",
    startTls() {
      throw new TypeError("it has no TLS");
    },
    close: () => Promise.resolve(),
    ...parts,
  };
}

/** What dial() throws when the platform gives `cause` for a connection that it does not make. */
export async function dialFailure(cause: unknown, tls: DialOptions["tls"] = "off"): Promise<unknown> {
  const connect: Connector = () => {
    const opened = Promise.reject(cause);
    opened.catch(() => {});
    return socketWith({ opened, closed: opened });
  };
  return dial("peer.example:7", { connect, tls }).catch((error: unknown) => error);
}

/** What a read throws when the platform gives `cause` for it. */
export async function readFailure(cause: unknown): Promise<unknown> {
  const readable = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(cause),
  });
  const transport = await transportOf(socketWith({ readable }), "peer.example:7");
  return transport.pull().catch((error: unknown) => error);
}
