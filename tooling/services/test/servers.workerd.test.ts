// What a Worker under test can reach: the servers by name over TLS, and the mails by fetch.

import { connect } from "cloudflare:sockets";
import { expect, inject, test } from "vitest";

const services = inject("services");

async function roundTrip(port: number, secureTransport: "on" | "off", bytes?: Uint8Array): Promise<string> {
  const socket = connect({ hostname: "localhost", port }, { secureTransport, allowHalfOpen: false });
  if (bytes !== undefined) await socket.writable.getWriter().write(bytes);
  const { value } = await socket.readable.getReader().read();
  await socket.close();
  return new TextDecoder().decode(value as Uint8Array);
}

const ping = new TextEncoder().encode("PING\r\n");

test("Redis answers", async () => {
  expect(await roundTrip(services.redis.port, "off", ping)).toBe("+PONG\r\n");
});

test("Redis answers over verified TLS", async () => {
  expect(await roundTrip(services.redis.tlsPort, "on", ping)).toBe("+PONG\r\n");
});

test("Postgres accepts TLS", async () => {
  const sslRequest = new Uint8Array([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
  expect(await roundTrip(services.postgres.port, "off", sslRequest)).toBe("S");
});

test("the mail server greets over verified TLS", async () => {
  expect(await roundTrip(services.smtp.tlsPort, "on")).toMatch(/^220 localhost ESMTP/);
});

test("the mails can be read by fetch", async () => {
  const response = await fetch(`${services.smtp.mailUrl}?to=unwritten@example.com`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual([]);
});
