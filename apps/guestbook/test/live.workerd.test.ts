// Live updates through the Durable Object.

import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, onTestFinished, test } from "vitest";
import type { Entry } from "../src/entries.ts";
import type { Env } from "../src/env.ts";
import { liveBook } from "../src/live.ts";
import { createDatabase } from "./database.ts";
import { Visitor } from "./visitor.ts";

let own: Partial<Env>;

beforeAll(async () => {
  own = { DATABASE_URL: await createDatabase(inject("services")) };
});

test("each of two viewers sees an entry as it is written", async () => {
  const viewers = [await watch(), await watch()];
  const entry = await new Visitor(own).sign("Ada", "Hello, <viewers>");
  for (const viewer of viewers) expect(await viewer.entry(entry.id)).toEqual(entry);
});

test("what is signed by form is seen, too, and nothing is seen of what is refused", async () => {
  const viewer = await watch();
  const visitor = new Visitor(own);
  await visitor.submit({ name: "", message: "refused" });
  await visitor.submit({ name: "Ada", message: "by form" });
  const entry = await new Visitor(own).sign("Bob", "afterwards");
  await viewer.entry(entry.id);
  expect(viewer.messages.map(({ message }) => message)).toEqual(expect.arrayContaining(["by form"]));
  expect(viewer.messages.map(({ message }) => message)).not.toContain("refused");
});

test("viewers stay while the object sleeps", async () => {
  const viewer = await watch();
  await evictDurableObject(liveBook(env), { webSockets: "hibernate" });
  const entry = await new Visitor(own).sign("Ada", "good morning");
  expect(await viewer.entry(entry.id)).toEqual(entry);
});

test("a viewer who has gone holds nobody up", async () => {
  const [gone, stays] = [await watch(), await watch()];
  gone.socket.close(1000, "bye");
  const entry = await new Visitor(own).sign("Ada", "still here?");
  expect(await stays.entry(entry.id)).toEqual(entry);
});

test("a ping is answered; whatever else a viewer says ends the connection", async () => {
  const { socket } = await watch();
  const pong = new Promise((resolve) =>
    socket.addEventListener("message", ({ data }) => resolve(data), { once: true }),
  );
  socket.send("ping");
  expect(await pong).toBe("pong");
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve, { once: true }));
  socket.send("hello?");
  expect((await closed).code).toBe(1008);
});

test("no other site's page may watch, and the address is for WebSockets only", async () => {
  const visitor = new Visitor(own);
  const foreign = await visitor.fetch("/live", {
    headers: { upgrade: "websocket", origin: "https://elsewhere.example" },
  });
  expect(foreign.status).toBe(403);
  const plain = await visitor.fetch("/live");
  expect(plain.status).toBe(426);
  expect(plain.headers.get("upgrade")).toBe("websocket");
});

interface Viewer {
  readonly socket: WebSocket;
  readonly messages: readonly Entry[];
  /** The entry with this id, as soon as it is seen. */
  entry(id: string): Promise<Entry>;
}

async function watch(): Promise<Viewer> {
  const response = await new Visitor(own).fetch("/live", { headers: { upgrade: "websocket" } });
  expect(response.status).toBe(101);
  const socket = response.webSocket!;
  const messages: Entry[] = [];
  let look = (): void => {};
  socket.addEventListener("message", ({ data }) => {
    if (data === "pong") return;
    const message = JSON.parse(String(data)) as { type: string; entry: Entry };
    expect(message.type).toBe("entry");
    messages.push(message.entry);
    look();
  });
  socket.accept();
  onTestFinished(() => {
    if (socket.readyState === WebSocket.OPEN) socket.close(1000, "the test is over");
  });
  return {
    socket,
    messages,
    entry: (id) =>
      new Promise((resolve) => {
        look = () => {
          const found = messages.find((each) => each.id === id);
          if (found !== undefined) resolve(found);
        };
        look();
      }),
  };
}
