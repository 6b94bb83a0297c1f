// An eager login with scripted servers: wrong guesses are noticed, and a server that cannot prove itself answers nobody.

import { ProtocolError, type Transport } from "@landline/core";
import { transportPair } from "@landline/core/testing";
import { expect, test } from "vitest";
import { answer, backend, takeUntil, together } from "../test/support/backend.ts";
import { createClient } from "./client.ts";
import type { ReservedSql } from "./reserve.ts";
import { converse } from "./connection.ts";
import { handshake, WrongGuess } from "./handshake.ts";
import { parseOptions } from "./options.ts";
import { BackendDecoder } from "./protocol/decoder.ts";

const settings = parseOptions({ host: "eager.example", user: "u", password: "secret" });
const FATAL = backend.errorResponse({ V: "FATAL", C: "28P01", M: "password authentication failed" });
const SASL_FINAL = backend.authentication(12, (writer) => void writer.utf8("v=AAAA"));
const OK = backend.authentication(0);
const READY = together(backend.backendKeyData(42, new Uint8Array(4)), backend.readyForQuery());

async function guessed(reply: Uint8Array | undefined): Promise<unknown> {
  const [client, server] = await transportPair();
  const shaking = handshake(client, settings, { guess: true }).catch((error: unknown) => error);
  const heard = new TextDecoder("latin1").decode(await server.pull());
  expect(heard).toContain("SCRAM-SHA-256\0");
  expect(heard).not.toContain("secret");
  if (reply === undefined) server.end();
  else server.write(reply);
  const outcome = await shaking;
  client.abort();
  return outcome;
}

test.each([
  ["no login", OK],
  ["clear text", backend.authentication(3)],
  ["md5", backend.authentication(5, (writer) => writer.i32(7))],
  ["a broken protocol", backend.errorResponse({ V: "FATAL", C: "08P01", M: "invalid frontend message type 112" })],
  ["silence", undefined],
])("a server that answers the guess with %s", async (_name, reply) => {
  expect(await guessed(reply)).toBeInstanceOf(WrongGuess);
});

test("a server that refuses for another reason is not asked again", async () => {
  expect(await guessed(FATAL)).toMatchObject({ code: "28P01", outcome: "refused" });
  const strict = parseOptions({ user: "u", password: "secret", auth: ["scram-sha-256"] });
  const [client, server] = await transportPair();
  const shaking = handshake(client, strict, { guess: true });
  await server.pull();
  server.write(OK);
  await expect(shaking).rejects.toMatchObject({ code: "AUTH_REFUSED" });
  client.abort();
});

/** A session whose login waits for the server; it takes only the proof `v=AAAA`. */
async function scene(): Promise<{ readonly sql: ReservedSql; readonly peer: Transport }> {
  const [client, peer] = await transportPair();
  const { session } = converse(client, settings, {
    decoder: new BackendDecoder(),
    parameters: new Map(),
    processId: undefined,
    secretKey: undefined,
    login: {
      proof: "c=biws,r=x,p=y",
      verify: (serverFinal) => {
        if (serverFinal !== "v=AAAA") throw new ProtocolError("the server could not prove itself");
      },
    },
  });
  const nothing = (): void => {};
  const lease = {
    resource: session,
    release: nothing,
    destroy: nothing,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const sql = await createClient({ acquire: () => Promise.resolve(lease), close: () => Promise.resolve() }).reserve();
  return { sql, peer };
}

test("the first query leaves with the proof, and is answered behind it", async () => {
  const { sql, peer } = await scene();
  const query = sql`select 1 as n`.execute();
  expect(await takeUntil(peer, "S")).toBe("pPBDES");
  peer.write(together(SASL_FINAL, OK, backend.parameterStatus("TimeZone", "UTC"), READY, answer("1")));
  expect(await query).toEqual([{ n: 1 }]);
});

test.each([
  ["refuses the password", FATAL, { code: "28P01", outcome: "refused" }],
  ["does not prove itself", together(OK, READY, answer("1")), { name: "ProtocolError" }],
  [
    "proves itself falsely",
    together(
      backend.authentication(12, (writer) => void writer.utf8("v=BBBB")),
      OK,
      READY,
      answer("1"),
    ),
    { name: "ProtocolError" },
  ],
  [
    "is ready before it has let us in",
    together(SASL_FINAL, backend.readyForQuery(), answer("1")),
    { name: "ProtocolError" },
  ],
])("a server that %s: every query fails, whatever it answers", async (_name, reply, error) => {
  const { sql, peer } = await scene();
  const queries = [sql`select 1`.execute(), sql`select 2`.execute()];
  await takeUntil(peer, "S");
  peer.write(reply);
  for (const query of queries) await expect(query).rejects.toMatchObject(error);
  await expect(sql`select 3`).rejects.toMatchObject({ outcome: "unsent" });
});

test("a connection that is lost before the login's end leaves it open what became of the query", async () => {
  const { sql, peer } = await scene();
  const query = sql`select 1`.execute();
  await takeUntil(peer, "S");
  peer.end();
  await expect(query).rejects.toMatchObject({ code: "CONNECTION_LOST", outcome: "unknown" });
});
