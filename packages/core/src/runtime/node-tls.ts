// TLS options on Node, Deno and Bun, which honour them all: checked before any I/O, and in node:tls's own words.

import { checkServerIdentity, createSecureContext } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import { parseAddress } from "../address.ts";
import type { SocketAddress, TlsOptions } from "../socket.ts";

/** What `tls.connect` takes. @throws TypeError when an option is not what it should be. */
export function tlsConnectOptions({ hostname }: SocketAddress, tls: TlsOptions): ConnectionOptions {
  checkTlsOptions(tls);
  const { ca, cert, key, alpn, servername = hostname, rejectUnauthorized = true } = tls;
  const pem = {
    ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  if (Object.keys(pem).length > 0) checkPem(pem);
  return {
    ...pem,
    rejectUnauthorized,
    host: hostname,
    // The name to verify is not always the host to connect to.
    checkServerIdentity: (_host, certificate) => checkServerIdentity(servername, certificate),
    // Server names are names: an address literal is verified against the certificate but never sent.
    ...(isAddressLiteral(servername) ? {} : { servername }),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  };
}

function checkTlsOptions({ ca, cert, key, alpn, servername, rejectUnauthorized }: TlsOptions): void {
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

function isAddressLiteral(name: string): boolean {
  return name.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(name);
}

/** What is not PEM is the caller's mistake, and found before any I/O. */
function checkPem(pem: ConnectionOptions): void {
  try {
    createSecureContext(pem);
  } catch (cause) {
    throw new TypeError("the TLS options ca, cert and key must be PEM, and a key must belong to its certificate", {
      cause,
    });
  }
}
