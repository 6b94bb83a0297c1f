// Addresses, checked alike on every runtime before any I/O: the platforms coerce, accept and refuse differently.

import type { AnySocketAddress, SocketAddress } from "./socket.ts";

const HOST_AND_PORT = /^(\[.*\]|[^:]*):(\d{1,5})$/;
/** What may stand in a name or an IPv6 address. Of the characters beyond ASCII the URL parser knows more. */
const CHARACTERS = /^[\w.:\-\u0080-\uffff]+$/;
const NAME = /^(?=.{1,253}$)(?:(?!-)[\w-]{1,63}(?<!-)(?:\.|$))+$/;

/**
 * Checks an address and brings it into one form: ASCII hostname, IPv6 without brackets, port as a number.
 * @throws TypeError when it is not an address.
 */
export function parseAddress(address: AnySocketAddress): SocketAddress {
  if (typeof address === "string") {
    const [, hostname = "", port] = HOST_AND_PORT.exec(address) ?? [];
    return parseAddress({ hostname, port: Number(port) });
  }
  const { hostname, port } = Object(address) as SocketAddress;
  const host = parseHost(hostname);
  // Only integers up to the mask are left by it as they are.
  if (!host || !port || (port & 65_535) !== port) {
    // Nothing of it is repeated: what was taken for an address may be a URL, with a password.
    throw new TypeError('an address is { hostname, port } or "host:port", with IPv6 in brackets and ports up to 65535');
  }
  return { hostname: host, port };
}

/** `host:port` for messages, IPv6 in brackets. */
export function formatAddress({ hostname, port }: SocketAddress): string {
  return `${inBrackets(hostname)}:${port}`;
}

/** A hostname as it stands before a colon. */
export function inBrackets(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** International names by UTS 46, and IPv6: every runtime's URL has both. `""` when it is neither. */
function parseHost(hostname: unknown): string {
  const bare = typeof hostname === "string" ? hostname.replace(/^\[(.*:.*)\]$/, "$1") : "";
  const host = CHARACTERS.test(bare) ? (URL.parse(`http://${inBrackets(bare)}`)?.hostname ?? "") : "";
  if (host.startsWith("[")) return host.slice(1, -1);
  // The URL parser takes much for an IPv4 address, full-width digits too; a name must stay a name.
  return NAME.test(host) && (host === bare || !/^[\d.]+$/.test(host)) ? host : "";
}
