// On Node, a driver's upgrade by tls.connect() verifies the name that the socket was connected to, also where the driver does not say it.

import { connect } from "@landline/core";
import { nodeSocket } from "@landline/core/node-socket";
import type {} from "@landline/services/provided";
import postgres from "postgres";
import { expect, inject, test } from "vitest";

const { hostname, port, database, users } = inject("services").postgres;

test.each([
  ["the server's own", hostname, undefined],
  ["another", "other.example", "ERR_TLS_CERT_ALTNAME_INVALID"],
])("%s name", async (_, name, code) => {
  const sql = postgres({
    host: hostname,
    port,
    database,
    ...users.scram,
    max: 1,
    ssl: true,
    socket: () => nodeSocket({ connect: (_at, options) => connect({ hostname, port }, options) }).connect(port, name),
  } as postgres.Options<Record<string, never>>);
  const error: unknown = await sql`select 1`.then(
    () => undefined,
    (failure: { code?: string }) => failure.code,
  );
  expect(error).toBe(code);
  await sql.end({ timeout: 0 });
});
