// Addresses, checked alike on every runtime before any I/O: the platforms coerce, accept and refuse differently.

import type { AnySocketAddress, SocketAddress } from "./socket.ts";

const HOST_AND_PORT = /^(\[.*\]|[^:]*):(\d{1,5})$/;
/** What may stand in a name or an IPv6 address. Of the characters beyond ASCII the URL parser knows more. */
const CHARACTERS = /^[\w.:\-\u0080-\uffff]+$/;
const NAME = /^(?=.{1,253}$)\w(?:[\w-]{0,61}\w)?(?:\.\w(?:[\w-]{0,61}\w)?)*\.?$/;

/**
 * Checks an address and brings it into one form: ASCII hostname, IPv6 without brackets, port as a number.
 * @throws TypeError when it is not an address, with the reason.
 */
export function parseAddress(address: AnySocketAddress): SocketAddress {
  const { hostname, port = 0 } = typeof address === "string" ? split(address) : (address ?? {});
  if (typeof hostname !== "string") {
    throw new TypeError(
      'an address is { hostname, port } or "host:port", with IPv6 in brackets ("[::1]:5432"), and no URL',
    );
  }
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new TypeError("the port of an address must be an integer from 1 to 65535");
  }
  return { hostname: parseHost(hostname), port };
}

/** `host:port` for messages, IPv6 in brackets. */
export function formatAddress({ hostname, port }: SocketAddress): string {
  return `${inBrackets(hostname)}:${port}`;
}

/** A hostname as it stands before a colon. */
export function inBrackets(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

function split(text: string): Partial<SocketAddress> {
  const [, hostname, port] = HOST_AND_PORT.exec(text) ?? [];
  return hostname === undefined ? {} : { hostname, port: Number(port) };
}

/** International names by UTS 46, and IPv6: every runtime's URL has both. */
function parseHost(hostname: string): string {
  const bare = hostname.replace(/^\[(.*:.*)\]$/, "$1");
  const url = `http://${inBrackets(bare)}`;
  if (CHARACTERS.test(bare) && URL.canParse(url)) {
    const host = new URL(url).hostname;
    if (host.startsWith("[")) return host.slice(1, -1);
    // The URL parser takes much for an IPv4 address, full-width digits too; a name must stay a name.
    if (NAME.test(host) && (host === bare || !/^[\d.]+$/.test(host))) return host;
  }
  throw new TypeError("the hostname of an address is neither a name nor an IP address");
}
