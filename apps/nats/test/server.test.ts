// The client against a real nats-server, on Node and in workerd.

import type {} from "@landline/services/provided";
import { expect, inject, test } from "vitest";
import { Nats } from "../src/nats.ts";

const { token, ...address } = inject("nats");
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);
const fresh = (): string => `test.${crypto.randomUUID()}`;

/** Answers with the same in capitals, until the client is gone. */
async function answering(nats: Nats, subject: string): Promise<void> {
  for await (const { reply, data } of nats.subscribe(subject)) {
    if (reply !== undefined) await nats.publish(reply, utf8(text(data).toUpperCase()));
  }
}

/** Asks until somebody listens. */
async function ready(nats: Nats, subject: string): Promise<void> {
  for (;;) {
    try {
      await nats.ask(subject, utf8("ready?"), { timeout: 100 });
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== "TIMEOUT") throw error;
    }
  }
}

test("many questions at once over one connection, each with its own answer", async () => {
  await using server = new Nats({ address, token });
  await using client = new Nats({ address, token });
  const subject = fresh();
  const serving = answering(server, subject).catch((error: unknown) => error);
  await ready(client, subject);
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => text((await client.ask(subject, utf8(`question ${index}`))).data)),
  );
  expect(answers).toEqual(Array.from({ length: 100 }, (_, index) => `QUESTION ${index}`));
  await server[Symbol.asyncDispose]();
  expect(await serving).toMatchObject({ code: "CLOSED" });
});

test("a large message, and one with line ends", async () => {
  await using server = new Nats({ address, token });
  const subject = fresh();
  answering(server, subject).catch(() => {});
  await ready(server, subject);
  const large = "x\r\n".repeat(100_000);
  expect(text((await server.ask(subject, utf8(large))).data) === large.toUpperCase()).toBe(true);
  await expect(server.publish(subject, new Uint8Array(2 * 1024 * 1024))).rejects.toThrow(TypeError);
});

test("a question without an answer ends in time, or with the signal", async () => {
  await using nats = new Nats({ address, token });
  await expect(nats.ask(fresh(), utf8("?"), { timeout: 20 })).rejects.toMatchObject({ name: "TimeoutError" });
  const controller = new AbortController();
  const asked = nats.ask(fresh(), utf8("?"), { signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(asked).rejects.toThrow("enough");
});

test("leaving the loop ends the subscription, and the connection goes on", async () => {
  await using nats = new Nats({ address, token });
  const subject = fresh();
  const messages = nats.subscribe(`${subject}.*`);
  const first = messages.next();
  // In order on one connection: the subscription is there before the message.
  await nats.ask(fresh(), utf8("?"), { timeout: 1 }).catch(() => {});
  await nats.publish(`${subject}.a`, utf8("1"));
  expect((await first).value?.subject).toBe(`${subject}.a`);
  await messages.return();
  await nats.publish(`${subject}.a`, utf8("2"));
  await expect(nats.ask(fresh(), utf8("?"), { timeout: 1 })).rejects.toMatchObject({ code: "TIMEOUT" });
});

test("a wrong token is refused, and a server that is not there is told as that", async () => {
  await using stranger = new Nats({ address, token: "wrong" });
  await expect(stranger.publish("a", utf8("1"))).rejects.toMatchObject({ outcome: "refused", code: "NATS_REFUSED" });
  await using lost = new Nats({ address: { hostname: "localhost", port: 1 } });
  await expect(lost.publish("a", utf8("1"))).rejects.toMatchObject({ name: "ConnectError", outcome: "unsent" });
});

test("what was published has been read by the server once flush() resolves", async () => {
  await using nats = new Nats({ address, token });
  const subject = fresh();
  const messages = nats.subscribe(subject);
  const first = messages.next();
  // The subscription goes ahead of this on the same connection.
  await nats.flush();
  await nats.publish(subject, utf8("1"));
  await nats.flush();
  expect(text((await first).value?.data ?? utf8(""))).toBe("1");
  await messages.return();
});
