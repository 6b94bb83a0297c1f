import { expect, test } from "vitest";
import type { Transport } from "../transport.ts";
import { type Codec, lines } from "./codec.ts";
import { seededRandom } from "./random.ts";
import { ScriptedPeer, ScriptError } from "./scripted-peer.ts";
import { transportPair } from "./transport-pair.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

async function peerOf(timeout?: number): Promise<[client: Transport, peer: ScriptedPeer<string>]> {
  const [client, server] = await transportPair({ chunkBytes: 3 });
  return [client, new ScriptedPeer(server, lines, timeout === undefined ? {} : { timeout })];
}

/** Waits for `length` bytes. */
async function read(client: Transport, length: number): Promise<string> {
  let text = "";
  while (text.length < length) text += new TextDecoder().decode(await client.pull());
  return text;
}

async function failureOf(step: Promise<unknown>): Promise<string> {
  const error = await step.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ScriptError);
  return (error as ScriptError).message;
}

test("plays its part, whatever the chunks", async () => {
  const [client, peer] = await peerOf();
  client.write(utf8("EHLO me.example\r\nNOOP\r\nquit\n"));
  expect(await peer.expect(/^EHLO /)).toBe("EHLO me.example");
  await peer.expect("NOOP");
  await peer.expect((line) => line.toUpperCase() === "QUIT");
  peer.send("250 ok", "221 bye");
  expect(await read(client, 17)).toBe("250 ok\r\n221 bye\r\n");
  client.end();
  await peer.expectEnd();
  await peer[Symbol.asyncDispose]();
});

test("shows everything that was said when another message comes", async () => {
  const [client, peer] = await peerOf();
  client.write(utf8("A\nB\n"));
  await peer.expect("A");
  peer.send("go on");
  expect(await failureOf(peer.expect("C"))).toBe(
    ["C was expected, and B came", "  < A", "  < B", "  > go on", "  ! C was expected, and B came"].join("\n"),
  );
});

test("fails when nothing comes in time", async () => {
  const [, peer] = await peerOf(1);
  expect(await failureOf(peer.expect(/x/))).toMatch(/^\/x\/ did not come within 1 ms\n/);
});

test("fails when the connection ends or breaks instead", async () => {
  const [client, peer] = await peerOf();
  client.end();
  expect(await failureOf(peer.expect("A"))).toMatch(/^A was expected, and the connection ended\n/);
  const [other, second] = await peerOf();
  other.abort();
  expect(await failureOf(second.expect("A"))).toMatch(/^A was expected, and the connection was reset: /);
});

test("fails when a message comes instead of the end, or none was expected at all", async () => {
  const [client, peer] = await peerOf();
  client.write(utf8("A\nB\n"));
  expect(await failureOf(peer.expectEnd())).toMatch(/^the end was expected, and A came\n/);
  client.end();
  expect(await failureOf(peer[Symbol.asyncDispose]())).toMatch(/^1 messages came that the script does not expect\n/);
});

test("breaks the connection, and half of it", async () => {
  const [client, peer] = await peerOf();
  peer.end();
  expect(await client.pull()).toBeUndefined();
  client.write(utf8("still here\n"));
  await peer.expect("still here");
  const [other, second] = await peerOf();
  second.reset();
  expect(await other.closed).toMatchObject({ reason: "failed" });
});

test("speaks any codec, and compares messages by their description", async () => {
  type Message = { readonly id: number; readonly body?: Uint8Array };
  const bytes: Codec<Message, Message> = {
    decoder: (emit) => (chunk) => {
      for (const id of chunk) emit({ id, body: Uint8Array.of(id, 255) });
    },
    encode: ({ id }) => Uint8Array.of(id),
  };
  const [client, server] = await transportPair();
  const peer = new ScriptedPeer(server, bytes);
  client.write(Uint8Array.of(7, 8));
  await peer.expect({ id: 7, body: Uint8Array.of(7, 255) });
  expect(await failureOf(peer.expect({ id: 8, body: Uint8Array.of(8, 254) }))).toContain(
    '{"id":8,"body":"<08 fe>"} was expected, and {"id":8,"body":"<08 ff>"} came',
  );
  peer.sendBytes(Uint8Array.of(1, 2));
  expect(await client.pull()).toEqual(Uint8Array.of(1, 2));
});

test("a seed repeats its numbers, and its streams differ", () => {
  const take = (seed: number, stream?: number): number[] => Array.from({ length: 5 }, seededRandom(seed, stream));
  expect(take(1)).toEqual(take(1));
  expect(new Set([take(1), take(2), take(1, 1), take(2, 1)].map(String)).size).toBe(4);
  const random = seededRandom(42);
  const many = Array.from({ length: 10_000 }, random);
  expect(many.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(Math.abs(many.reduce((sum, value) => sum + value, 0) / many.length - 0.5)).toBeLessThan(0.02);
});
