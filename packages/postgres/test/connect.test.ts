// Ways to connect, to a real server: several hosts, newer versions of the protocol, direct TLS.

import { TlsError } from "@landline/core";
import type {} from "@landline/services/provided";
import { expect, inject, test } from "vitest";
import { postgres, type PostgresOptions } from "../src/index.ts";
import { logIn, parseOptions } from "../src/wire.ts";

const { ca, postgres: server } = inject("services");
const workerd = (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers";
const { username: user, password } = server.users.scram;
const base = { database: server.database, user, password } satisfies PostgresOptions;

test("of several hosts, the first that is there", async () => {
  await using sql = postgres({ ...base, host: `localhost,${server.hostname},localhost`, port: [1, server.port, 2] });
  const all = await Promise.all([sql`select 1 as n`, sql`select 2 as n`]);
  expect(all).toEqual([[{ n: 1 }], [{ n: 2 }]]);
  const controller = new AbortController();
  const slow = sql`select pg_sleep(60)`.signal(controller.signal).execute();
  await sql`select 1`;
  controller.abort(new Error("enough"));
  await expect(slow).rejects.toThrow("enough");
});

test("the first of the kind that is asked for", async () => {
  const url = new URL(server.url);
  url.searchParams.set("target_session_attrs", "read-write");
  await using write = postgres(url.href);
  expect(await write`select 1 as n`).toEqual([{ n: 1 }]);
  await using none = postgres({ url: url.href, settings: { default_transaction_read_only: "on" } });
  await expect(none`select 1`).rejects.toMatchObject({ code: "CONNECT_FAILED", message: /read-write/ });
  url.searchParams.set("target_session_attrs", "read-only");
  await using read = postgres({ url: url.href, settings: { default_transaction_read_only: "on" } });
  expect(await read`select 1 as n`).toEqual([{ n: 1 }]);
});

test("protocol 3.2 has a longer key to cancel with, and cancelling works", async () => {
  const url = `${server.url}&max_protocol_version=latest`;
  const { transport, greeting } = await logIn(parseOptions(url));
  expect(greeting.secretKey).toHaveLength(32);
  await transport.close();
  const { transport: other, greeting: before } = await logIn(parseOptions(server.url));
  expect(before.secretKey).toHaveLength(4);
  await other.close();
  await using sql = postgres({ url, max: 1 });
  await expect(sql`select pg_sleep(60)`.timeout(50)).rejects.toMatchObject({ code: "TIMEOUT" });
  expect(await sql`select 1 as n`).toEqual([{ n: 1 }]);
});

test("direct TLS, without asking first, where the runtime can say which protocol it is for", async () => {
  const url = `${server.url}&sslnegotiation=direct`;
  await using sql = postgres({ url, max: 1 });
  if (workerd) await expect(sql`select 1`).rejects.toBeInstanceOf(TlsError);
  else {
    expect(await sql`select version from pg_stat_ssl where pid = pg_backend_pid()`).toEqual([{ version: "TLSv1.3" }]);
    await using own = postgres({ url, tls: { mode: "on", alpn: ["postgresql"], ca: ca.pem } });
    expect(await own`select 1 as n`).toEqual([{ n: 1 }]);
  }
});

test("channel binding, where the runtime tells the server's certificate", async () => {
  const url = `${server.url}&channel_binding=require`;
  for (const eagerLogin of [true, false]) {
    await using sql = postgres({ url, max: 1, eagerLogin });
    const answer = sql`select 1 as n`;
    if (workerd)
      await expect(answer).rejects.toMatchObject({ code: "AUTH_REFUSED", message: /channel_binding=disable/ });
    else expect(await answer).toEqual([{ n: 1 }]);
    await using clear = postgres({ url, max: 1, eagerLogin, tls: "off" });
    await expect(clear`select 1`).rejects.toMatchObject({ code: "AUTH_REFUSED" });
    const { username, password: other } = server.users.md5;
    await using md5 = postgres({ url, max: 1, eagerLogin, user: username, password: other });
    await expect(md5`select 1`).rejects.toMatchObject({ code: "AUTH_REFUSED" });
  }
});
