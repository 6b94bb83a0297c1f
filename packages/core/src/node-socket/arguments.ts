// The ways to call net.Socket's connect().

import { parseAddress } from "../address.ts";
import type { SocketAddress } from "../socket.ts";

/** Where to, and who is told. */
export interface ConnectArguments {
  readonly address: SocketAddress;
  readonly callback: (() => void) | undefined;
}

/** `(port, host?, callback?)` or `({ port, host? }, callback?)`. @throws TypeError for a path, or a bad address. */
export function connectArguments(args: readonly unknown[]): ConnectArguments {
  const [first, second] = args;
  const last = args.at(-1);
  const given = typeof first === "object" && first !== null ? (first as Record<string, unknown>) : undefined;
  const { port, host, path } = given ?? { port: first, host: second, path: undefined };
  if (path !== undefined && path !== null)
    throw new TypeError("a path is no address for a TCP socket: give host and port");
  return {
    address: parseAddress({
      hostname: typeof host === "string" && host !== "" ? host : "localhost",
      port: typeof port === "string" ? Number(port) : (port as number),
    }),
    callback: typeof last === "function" ? (last as () => void) : undefined,
  };
}
