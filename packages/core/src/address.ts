// Addresses, checked alike on every runtime before any I/O: the platforms coerce, accept and refuse differently.

import type { AnySocketAddress, SocketAddress } from "./socket.ts";

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const FORBIDDEN_IN_HOST = /[\s/?#@:\\%[\]<>^|"'`{}\u0000-\u001f\u007f]/;

/**
 * Checks an address and brings it into one form: ASCII hostname, IPv6 without brackets, port as a number.
 * @throws TypeError when it is not an address, with the reason.
 */
export function parseAddress(address: AnySocketAddress): SocketAddress {
  if (typeof address === "string") return parseString(address);
  if (typeof address !== "object" || address === null) {
    throw new TypeError('an address is { hostname, port } or "host:port"');
  }
  const { hostname, port } = address;
  if (typeof hostname !== "string") throw new TypeError("the hostname of an address must be a string");
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw new TypeError(`the port of an address must be an integer from 1 to 65535, not ${describe(port)}`);
  }
  return { hostname: parseHost(hostname), port };
}

/** `host:port` for messages, IPv6 in brackets. */
export function formatAddress({ hostname, port }: SocketAddress): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function parseString(text: string): SocketAddress {
  if (text.includes("://")) throw new TypeError('an address is "host:port", not a URL');
  const colon = text.lastIndexOf(":");
  const host = text.slice(0, colon);
  if (colon < 0 || (host.includes(":") && !(host.startsWith("[") && host.endsWith("]")))) {
    throw new TypeError('an address is "host:port", with an IPv6 address in brackets: "[::1]:5432"');
  }
  const port = text.slice(colon + 1);
  if (!/^\d{1,5}$/.test(port)) throw new TypeError('an address is "host:port": the port is missing or not a number');
  return parseAddress({ hostname: host, port: Number(port) });
}

function parseHost(hostname: string): string {
  if (hostname === "") throw new TypeError("the hostname of an address is empty");
  const bare = hostname.startsWith("[") && hostname.endsWith("]") ? hostname.slice(1, -1) : hostname;
  if (bare.includes(":")) return parseIPv6(bare);
  if (bare !== hostname || FORBIDDEN_IN_HOST.test(hostname)) {
    throw new TypeError("the hostname of an address has a character that no hostname has");
  }
  const ascii = isAscii(hostname) ? hostname.toLowerCase() : toAscii(hostname);
  const labels = (ascii.endsWith(".") ? ascii.slice(0, -1) : ascii).split(".");
  if (ascii.length > 253 || !labels.every((label) => LABEL.test(label))) {
    throw new TypeError("the hostname of an address is not a valid name");
  }
  return ascii;
}

function parseIPv6(text: string): string {
  if (!/^[0-9a-f:.]+$/i.test(text) || !URL.canParse(`tcp://[${text}]`)) {
    throw new TypeError("the hostname of an address looks like IPv6 and is not");
  }
  return text.toLowerCase();
}

/** International names by UTS 46, which every runtime's URL has. Only names with a non-ASCII character come here. */
function toAscii(hostname: string): string {
  const url = URL.canParse(`http://${hostname}`) ? new URL(`http://${hostname}`) : undefined;
  const ascii = url?.hostname ?? "";
  // The URL parser reads full-width digits as an IPv4 address; a name must stay a name.
  if (ascii === "" || /^[\d.]+$/.test(ascii))
    throw new TypeError("the hostname of an address is not a valid international name");
  return ascii;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

function describe(value: unknown): string {
  return typeof value === "number" ? String(value) : typeof value;
}
