// The servers as a client on Node meets them, on every loopback address.

import { connect } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { expect, inject, test } from "vitest";
import type { ReceivedMail } from "../src/types.ts";

const { postgres, redis, smtp } = inject("services");
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const hasIpv6 = Object.values(networkInterfaces()).some((entries) => entries?.some(({ address }) => address === "::1"));
const addresses = hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"];

async function answerOver(socket: ReturnType<typeof connect>, bytes: string | Buffer): Promise<string> {
  socket.write(bytes);
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return chunk.toString();
}

async function secureTo(host: string, port: number): Promise<TLSSocket> {
  const socket = connectTls({ host, port, servername: host === "localhost" ? host : "" });
  await once(socket, "secureConnect");
  return socket;
}

test.each(addresses)("Postgres accepts TLS on %s", async (host) => {
  const socket = connect({ host, port: postgres.port });
  expect(await answerOver(socket, SSL_REQUEST)).toBe("S");
  const secure = connectTls({ socket, host });
  await once(secure, "secureConnect");
  expect(secure.authorized).toBe(true);
  secure.destroy();
});

test.each([...addresses, "localhost"])("Redis answers over verified TLS on %s", async (host) => {
  const socket = await secureTo(host, redis.tlsPort);
  expect(socket.authorized).toBe(true);
  expect(await answerOver(socket, "PING\r\n")).toBe("+PONG\r\n");
  socket.destroy();
});

test("Redis knows its users, and lets one of them do little", async () => {
  const socket = connect({ host: "localhost", port: redis.port });
  expect(await answerOver(socket, "DEBUG SLEEP 0\r\n")).toBe("+OK\r\n");
  expect(await answerOver(socket, `AUTH ${redis.user.username} ${redis.user.password}\r\n`)).toBe("+OK\r\n");
  expect(await answerOver(socket, "ACL WHOAMI\r\n")).toBe(`$8\r\n${redis.user.username}\r\n`);
  expect(await answerOver(socket, `AUTH ${redis.limited.username} ${redis.limited.password}\r\n`)).toBe("+OK\r\n");
  expect(await answerOver(socket, "GET other\r\n")).toMatch(/^-NOPERM/);
  expect(await answerOver(socket, "GET limited:key\r\n")).toMatch(/^[$_]/);
  socket.destroy();
});

test("a mail that is sent can be read, without the recipients who were refused", async () => {
  const socket = await secureTo("localhost", smtp.tlsPort);
  const [greeting] = (await once(socket, "data")) as [Buffer];
  expect(greeting.toString()).toMatch(/^220 /);
  expect(await answerOver(socket, "EHLO client.example\r\n")).toMatch(/250[ -]AUTH .*CRAM-MD5/);
  const login = Buffer.from(`\0${smtp.user.username}\0${smtp.user.password}`).toString("base64");
  expect(await answerOver(socket, `AUTH PLAIN ${login}\r\n`)).toMatch(/^235 /);
  expect(await answerOver(socket, "MAIL FROM:<sender@example.com>\r\n")).toMatch(/^250 /);
  expect(await answerOver(socket, "RCPT TO:<reader@example.com>\r\n")).toMatch(/^250 /);
  expect(await answerOver(socket, "RCPT TO:<refused-1@example.com>\r\n")).toMatch(/^550 5\.1\.1 /);
  expect(await answerOver(socket, "RCPT TO:<later@example.com>\r\n")).toMatch(/^450 4\.2\./);
  expect(await answerOver(socket, "DATA\r\n")).toMatch(/^354 /);
  const message = "Subject: hello\r\n\r\n.line\r\n";
  expect(await answerOver(socket, `${message.replace("\n.", "\n..")}.\r\n`)).toMatch(/^250 /);
  socket.destroy();

  const found = async (): Promise<ReceivedMail[]> =>
    (await (await fetch(`${smtp.mailUrl}?to=reader@example.com`)).json()) as ReceivedMail[];
  expect(await found()).toEqual([
    { from: "sender@example.com", to: ["reader@example.com"], raw: message, secure: true, user: smtp.user.username },
  ]);
});

test("a plain connection offers STARTTLS, and takes no login before it", async () => {
  const socket = connect({ host: "localhost", port: smtp.port });
  await once(socket, "data");
  const capabilities = await answerOver(socket, "EHLO client.example\r\n");
  expect(capabilities).toMatch(/250[ -]STARTTLS/);
  expect(await answerOver(socket, "AUTH LOGIN\r\n")).toMatch(/^538 /);
  socket.destroy();
});
