// What node:net and node:tls say when a connection is not made, or breaks, and what of it reaches a caller: where no test can
// have it happen too.

import { expect, test } from "vitest";
import { dialFailure, readFailure } from "./platform-errors.ts";

const withCode = (code: string, message = code): Error => Object.assign(new Error(message), { code });

test.each([
  ["ECONNREFUSED", "CONNECT_REFUSED", "nothing listens there"],
  ["ENOTFOUND", "CONNECT_NOT_FOUND", "the name cannot be resolved"],
  ["EAI_AGAIN", "CONNECT_NOT_FOUND", "the name cannot be resolved"],
  ["EHOSTUNREACH", "CONNECT_UNREACHABLE", "the host cannot be reached"],
  ["ENETUNREACH", "CONNECT_UNREACHABLE", "the host cannot be reached"],
  ["ETIMEDOUT", "CONNECT_UNREACHABLE", "the host cannot be reached"],
  ["ECONNRESET", "CONNECT_FAILED", "nothing listens there"],
  ["EMFILE", "CONNECT_FAILED", "the platform does not allow it"],
])("a connect that fails by %s", async (said, code, told) => {
  const cause = withCode(said);
  const error = await dialFailure(cause);
  expect(error).toMatchObject({ name: "ConnectError", code, outcome: "unsent", cause });
  expect(String(error)).toContain(`connect to peer.example:7 failed: `);
  expect(String(error)).toContain(told);
});

test("a connect of which every address failed tells why the first one did", async () => {
  const cause = new AggregateError([withCode("ECONNREFUSED"), withCode("ENETUNREACH")]);
  expect(await dialFailure(cause)).toMatchObject({ name: "ConnectError", code: "CONNECT_REFUSED", cause });
});

test.each([
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify the first certificate", "TLS_CERTIFICATE"],
  ["CERT_HAS_EXPIRED", "certificate has expired", "TLS_CERTIFICATE"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate", "TLS_CERTIFICATE"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "Hostname/IP does not match certificate's altnames", "TLS_CERTIFICATE"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "wrong version number", "TLS_FAILED"],
  ["EPROTO", "write EPROTO: SSL alert number 80", "TLS_FAILED"],
])("a connect with TLS that fails by %s (%s)", async (said, message, code) => {
  const cause = withCode(said, message);
  expect(await dialFailure(cause, "on")).toMatchObject({ name: "TlsError", code, outcome: "unsent", cause });
});

test.each(["ECONNRESET", "EPIPE", "ETIMEDOUT"])("a read that fails by %s", async (said) => {
  const cause = withCode(said);
  expect(await readFailure(cause)).toMatchObject({
    name: "ClosedError",
    code: "CONNECTION_LOST",
    outcome: "unknown",
    cause,
  });
});
