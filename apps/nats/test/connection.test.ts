// What a hostile or broken server may send, by script.

import { ByteReader } from "@landline/core/bytes";
import { lines, ScriptedPeer, transportPair } from "@landline/core/testing";
import { expect, test } from "vitest";
import { checkSubject, Connection } from "../src/connection.ts";
import type { Message } from "../src/connection.ts";

async function connected(): Promise<
  [Connection, ScriptedPeer<string>, { messages: Message[]; ended: Promise<unknown> }]
> {
  const [client, server] = await transportPair({ chunkBytes: 3 });
  const connection = new Connection(client, new ByteReader(client));
  const messages: Message[] = [];
  const ended = new Promise((resolve) => {
    connection.subscribe("a.>", { message: (message) => void messages.push(message), end: resolve });
  });
  const peer = new ScriptedPeer(server, lines);
  await peer.expect("SUB a.> 1");
  return [connection, peer, { messages, ended }];
}

test("messages come whole, whatever the chunks, and a PING is answered", async () => {
  const [connection, peer, { messages }] = await connected();
  peer.send("MSG a.b 1 7", "one\r\ntw", "MSG a.c 1 _INBOX.x 0", "", "MSG z 99 1", "?", "PING");
  await peer.expect("PONG");
  expect(messages.map(({ subject, reply, data }) => [subject, reply, new TextDecoder().decode(data)])).toEqual([
    ["a.b", undefined, "one\r\ntw"],
    ["a.c", "_INBOX.x", ""],
  ]);
  connection.publish("a.d", new TextEncoder().encode("hi"), "r");
  await peer.expect("PUB a.d r 2");
  await peer.expect("hi");
});

test.each([
  ["a word that NATS does not know", "HELLO", "PROTOCOL_VIOLATION"],
  ["a length that is none", "MSG a 1 -1", "PROTOCOL_VIOLATION"],
  ["a length without an end", "MSG a 1 999999999", "PROTOCOL_VIOLATION"],
  ["a line without an end", "x".repeat(5000), "PROTOCOL_LIMIT"],
  ["a refusal", "-ERR 'Permissions Violation'", "NATS_REFUSED"],
])("%s ends the connection, and every listener hears of it", async (_what, line, code) => {
  const [connection, peer, { ended }] = await connected();
  peer.send(line);
  expect(await ended).toMatchObject({ code });
  expect(connection.alive).toBe(false);
  expect(() => connection.publish("a", new Uint8Array())).toThrow(expect.objectContaining({ code }));
});

test("a subject is one word of the protocol", () => {
  for (const bad of ["", "a b", "a\r\nPUB b 0", "a..b", ".a", "a.*", "a.>"])
    expect(() => checkSubject(bad)).toThrow(TypeError);
  for (const good of ["a.*", "*.b", "a.>", "a"]) expect(() => checkSubject(good, true)).not.toThrow();
});

test("flush() waits for a PONG of its own, and hears of the end", async () => {
  const [connection, peer] = await connected();
  const first = connection.flush();
  const second = connection.flush();
  const refused = second.catch((error: unknown) => error);
  await peer.expect("PING");
  await peer.expect("PING");
  peer.send("PONG");
  await first;
  peer.send("-ERR 'Permissions Violation'");
  expect(await refused).toMatchObject({ code: "NATS_REFUSED" });
  await expect(connection.flush()).rejects.toMatchObject({ code: "NATS_REFUSED" });
});
