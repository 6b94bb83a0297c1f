// What workerd and the edge say when a connection is not made, or breaks, and what of it reaches a caller. Much of it only the
// edge says.

import { expect, test } from "vitest";
import { dialFailure, readFailure } from "./platform-errors.ts";

const HTTP =
  "proxy request failed, cannot connect to the specified address. It looks like you might be trying to connect to a " +
  "HTTP-based service — consider using fetch instead";
const REQUEST = "Cannot perform I/O on behalf of a different request. (I/O type: Writable)";
const OBJECT = "Cannot perform I/O on behalf of a different Durable Object. (I/O type: Writable)";

test.each([
  ["Connections to port 25 are prohibited", "ConnectError", "CONNECT_PROHIBITED", "port 25"],
  ["TCP Loop detected", "ConnectError", "CONNECT_PROHIBITED", "Loop"],
  [HTTP, "ConnectError", "CONNECT_FAILED", "nothing listens there"],
  ["connection attempt failed", "ConnectError", "CONNECT_FAILED", "the name does not resolve"],
  ["Response closed due to connection limit", "ConnectError", "CONNECT_FAILED", "the platform does not allow it"],
  ["internal error; reference = 0123456789abcdef", "ConnectError", "CONNECT_FAILED", "nothing listens there"],
  [REQUEST, "ClosedError", "FOREIGN_REQUEST", "another request"],
  [OBJECT, "ClosedError", "FOREIGN_REQUEST", "another request"],
])("a connect that fails by: %s", async (said, name, code, told) => {
  const cause = new Error(said);
  const error = await dialFailure(cause);
  expect(error).toMatchObject({ name, code, outcome: "unsent", cause });
  expect(String(error)).toContain(told);
  expect(String(error)).not.toContain("reference =");
});

test.each([
  ["TLS Handshake Failed.", "TlsError", "TLS_FAILED"],
  ["TLS peer's certificate is not trusted; reason = self-signed certificate", "TlsError", "TLS_FAILED"],
  ["proxy request failed, cannot connect to the specified address", "ConnectError", "CONNECT_FAILED"],
])("a connect with TLS that fails by: %s", async (said, name, code) => {
  const cause = new Error(said);
  const error = await dialFailure(cause, "on");
  expect(error).toMatchObject({ name, code, outcome: "unsent", cause });
  expect(String(error)).toContain("it does not speak TLS, or its certificate is not trusted");
});

test.each([
  ["Network connection lost.", "CONNECTION_LOST", "unknown"],
  ["Response closed due to connection limit", "CONNECTION_LOST", "unknown"],
  ["internal error; reference = 0123456789abcdef", "CONNECTION_LOST", "unknown"],
  [REQUEST, "FOREIGN_REQUEST", "unsent"],
])("a read that fails by: %s", async (said, code, outcome) => {
  const cause = new Error(said);
  const error = await readFailure(cause);
  expect(error).toMatchObject({ name: "ClosedError", code, outcome, cause });
  expect(String(error)).not.toContain("reference =");
});
