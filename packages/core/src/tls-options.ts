// TLS options, checked alike on every runtime before any I/O.

import { parseAddress } from "./address.ts";
import type { TlsOptions } from "./socket.ts";

/** Checks the form of TLS options; whether the runtime can honour them is its own business. @throws TypeError */
export function checkTlsOptions(options: TlsOptions): void {
  if (typeof options !== "object" || options === null) throw new TypeError("tls must be an object of TLS options");
  const { ca, cert, key, alpn, servername, rejectUnauthorized } = options;
  if (!(isPem(ca) || (isListOfText(ca) && ca.length > 0 && ca.every(isPem)))) {
    throw new TypeError("ca must be a certificate (PEM), or a list of them");
  }
  if (!isPem(cert) || !isPem(key)) throw new TypeError("cert and key must be PEM");
  if ((cert === undefined) !== (key === undefined)) throw new TypeError("cert and key go together: one is missing");
  if (alpn !== undefined && !(isListOfText(alpn) && alpn.every((name) => name.length > 0 && name.length < 256))) {
    throw new TypeError("alpn must be a list of protocol names");
  }
  if (servername !== undefined) checkServername(servername);
  if (rejectUnauthorized !== undefined && typeof rejectUnauthorized !== "boolean") {
    throw new TypeError("rejectUnauthorized must be a boolean");
  }
}

function checkServername(servername: unknown): void {
  if (typeof servername !== "string") throw new TypeError("servername must be the name in the server's certificate");
  parseAddress({ hostname: servername, port: 1 });
}

function isPem(value: unknown): boolean {
  return value === undefined || (typeof value === "string" && value.includes("-----BEGIN "));
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
