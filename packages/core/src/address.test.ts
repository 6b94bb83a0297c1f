import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "./address.ts";
import type { AnySocketAddress } from "./socket.ts";

test.each<[AnySocketAddress, string]>([
  ["db.example:5432", "db.example:5432"],
  ["DB.Example:5432", "db.example:5432"],
  ["127.0.0.1:1", "127.0.0.1:1"],
  ["[::1]:65535", "[::1]:65535"],
  [{ hostname: "::1", port: 80 }, "[::1]:80"],
  [{ hostname: "[FE80::1]", port: 80 }, "[fe80::1]:80"],
  [{ hostname: "exämple.org", port: 25 }, "xn--exmple-cua.org:25"],
  [{ hostname: "a_b.internal.", port: 25 }, "a_b.internal.:25"],
])("%j is %s", (address, formatted) => {
  expect(formatAddress(parseAddress(address))).toBe(formatted);
});

test.each<[unknown]>([
  ["db.example"],
  ["db.example:"],
  ["db.example:0"],
  ["db.example:65536"],
  ["db.example:5432x"],
  ["db.example:-1"],
  [":5432"],
  ["::1:5432"],
  ["[::1]"],
  ["[::g]:1"],
  ["postgres://db.example:5432"],
  ["user:pw@db.example:5432"],
  ["db.example/path:5432"],
  ["db example:1"],
  ["db\n.example:1"],
  ["a..b:1"],
  ["-a.example:1"],
  [{ hostname: "１２７.0.0.1", port: 1 }],
  [{ hostname: "a%2eb", port: 1 }],
  [{ hostname: "", port: 1 }],
  [{ hostname: "h", port: "1" }],
  [{ hostname: "h", port: 1.5 }],
  [{ hostname: "h", port: Number.NaN }],
  [{ hostname: "h" }],
  [{ port: 1 }],
  [null],
  [undefined],
  [1],
])("%j is refused", (address) => {
  expect(() => parseAddress(address as AnySocketAddress)).toThrow(TypeError);
});
