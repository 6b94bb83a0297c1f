// What drivers ask for when they upgrade a socket to TLS, and how they get it where the runtime's node:tls upgrades sockets by
// their handles (workerd): the handle is ours, and what it hands out is a spec-shaped socket over the transport.

import { formatAddress } from "../address.ts";
import { TimeoutError, TlsError } from "../errors.ts";
import type { Socket, SocketAddress } from "../socket.ts";
import type { Transport } from "../transport.ts";
import { nodeError } from "./node-error.ts";

/** What a driver says, of what it would say to `tls.connect()`. */
export interface UpgradeOptions {
  readonly servername?: string | undefined;
  readonly [option: string]: unknown;
}

/** TLS options that change whom the certificate must convince; they are options of the socket, where they can be honoured. */
const REFUSED = ["ca", "cert", "key", "pfx", "checkServerIdentity", "ALPNProtocols"] as const;

/** @throws TlsError for what would be ignored. */
export function checkUpgrade(options: UpgradeOptions, verified: string): void {
  const refused: string[] = REFUSED.filter((name) => options[name] !== undefined && options[name] !== null);
  if (options["rejectUnauthorized"] === false) refused.push("rejectUnauthorized");
  if (refused.length > 0) {
    throw unsupported(
      `${refused.join(", ")} cannot be given with the upgrade: where the runtime can honour such options, give them to nodeSocket()`,
    );
  }
  const { servername } = options;
  if (servername !== undefined && servername !== null && servername !== "" && servername !== verified) {
    throw unsupported(
      `the certificate is verified for ${verified}, not for the servername ${servername}: connect by that name`,
    );
  }
}

function unsupported(message: string): TlsError {
  return new TlsError(message, { code: "TLS_UNSUPPORTED_OPTION", outcome: "unsent" });
}

/** The handshake, within as many milliseconds as the connection may take: drivers set none for it. */
export function shakeHands(transport: Transport, timeout = 10_000): Promise<void> {
  const timer = setTimeout(() => {
    const message = `the TLS handshake with ${formatAddress(transport.info.address)} took more than ${timeout} ms`;
    transport.abort(new TimeoutError(message, { code: "TIMEOUT", outcome: "unsent" }));
  }, timeout);
  return transport.startTls().finally(() => clearTimeout(timer));
}

/** How a transport is given away. */
export interface Handover {
  begin(options: UpgradeOptions): Transport;
  /** For the handshake, as in {@link shakeHands}. */
  readonly timeout: number | undefined;
  close(): void;
}

/** What workerd's `tls.connect({ socket })` reads of a socket. */
export function upgradeHandle(address: SocketAddress, { begin, timeout, close }: Handover): object {
  const lock = { releaseLock: (): void => {} };
  return {
    // The base class would read by itself if it were ever false, and sets it when a stream is paused.
    get reading() {
      return true;
    },
    set reading(_reading: boolean) {},
    bytesRead: 0,
    bytesWritten: 0,
    reader: lock,
    writer: lock,
    options: { host: address.hostname, port: address.port, addressType: 0 },
    socket: {
      secureTransport: "starttls",
      upgraded: false,
      opened: Promise.resolve({}),
      close: (): Promise<void> => {
        close();
        return Promise.resolve();
      },
      startTls: ({ expectedServerHostname }: { expectedServerHostname?: string } = {}): Socket =>
        upgraded(begin({ servername: expectedServerHostname }), timeout),
    },
  };
}

/** What is done in place. */
interface Upgradable {
  startTls(options: UpgradeOptions): unknown;
  destroy(error: Error): unknown;
}

/**
 * What the `tls.connect({ socket })` that postgres brings for Workers reads of a socket and writes to it: it takes locks back, sets
 * `raw` to what `raw.startTls()` returns, and waits for what that has. Here it only gets its call, where nobody would hear of a
 * throw; the socket itself tells what becomes of it.
 */
export function upgradedInPlace(): Record<"raw" | "reader" | "writer", (socket: Upgradable) => unknown> {
  const lock = {
    releaseLock: (): void => {},
    // Promises belong to the request in which they are made.
    get ready() {
      return Promise.resolve();
    },
  };
  return {
    raw: (socket) => ({
      closed: new Promise(() => {}),
      readable: { getReader: () => lock },
      writable: { getWriter: () => lock },
      startTls: (options: UpgradeOptions): void => {
        try {
          socket.startTls(options);
        } catch (error) {
          socket.destroy(error as Error);
        }
      },
    }),
    reader: () => lock,
    writer: () => lock,
  };
}

/** The socket that speaks TLS. */
function upgraded(transport: Transport, timeout: number | undefined): Socket {
  const opened = shakeHands(transport, timeout).then(
    () => ({}),
    (error: unknown) => Promise.reject(nodeError(error)),
  );
  const closed = transport.closed.then(({ reason, cause }) => {
    if (reason === "failed") throw nodeError(cause);
  });
  opened.catch(() => {});
  closed.catch(() => {});
  return {
    ...streamsOf(transport, opened),
    opened,
    closed,
    upgraded: false,
    secureTransport: "on",
    startTls: () => {
      throw new TypeError("this socket speaks TLS already");
    },
    close: async () => {
      await transport.close();
    },
  };
}

function streamsOf(transport: Transport, opened: Promise<unknown>): Pick<Socket, "readable" | "writable"> {
  const readable = new ReadableStream({
    type: "bytes",
    pull: async (controller: ReadableByteStreamController) => {
      await opened;
      const chunk = await transport.pull();
      if (chunk !== undefined) return controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel: (reason: unknown) => transport.abort(reason),
  });
  const writable = new WritableStream<Uint8Array>({
    write: async (chunk) => {
      await opened;
      // A copy: a large one would have to stay unchanged for longer than the stream's user knows.
      transport.write(new Uint8Array(chunk));
      await transport.drained();
    },
    close: async () => {
      await opened;
      transport.end();
    },
    abort: (reason) => transport.abort(reason),
  });
  return { readable, writable };
}
