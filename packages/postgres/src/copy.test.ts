// COPY with scripted servers: what they send out of turn, too early, or all at once.

import { ClosedError, ProtocolError, type Transport } from "@landline/core";
import { transportPair } from "@landline/core/testing";
import { expect, test } from "vitest";
import { answer, backend, takeUntil, together } from "../test/support/backend.ts";
import { createClient } from "./client.ts";
import type { ReservedSql } from "./reserve.ts";
import { Conversation } from "./conversation.ts";
import { BackendDecoder } from "./protocol/decoder.ts";
import { BACKEND } from "./protocol/messages.ts";

async function scene({ flow = true } = {}): Promise<{ readonly sql: ReservedSql; readonly peer: Transport }> {
  const [client, peer] = await transportPair();
  const session = new Conversation(
    {
      get writer() {
        return client.writer;
      },
      cancel: () => Promise.resolve(),
      flow: flow ? client : undefined,
      abort: (reason) => client.abort(reason),
    },
    { decoder: new BackendDecoder(), parameters: new Map(), processId: 1, statements: undefined },
  );
  client.receive({
    data: (chunk) => session.data(chunk),
    end: () => session.end(new ClosedError("the end", { code: "CONNECTION_LOST", outcome: "unknown" })),
    error: (cause) => session.end(cause),
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

const copyResponse = (type: number): Uint8Array =>
  backend.raw(type, (writer) => {
    writer.u8(0);
    writer.i16(0);
  });
const IN = copyResponse(BACKEND.copyInResponse);
const OUT = copyResponse(BACKEND.copyOutResponse);
const data = (text: string): Uint8Array => backend.raw(BACKEND.copyData, (writer) => void writer.utf8(text));
const DONE = together(backend.empty(BACKEND.copyDone), backend.commandComplete("COPY 1"), backend.readyForQuery());
const FAILED = together(backend.errorResponse({ V: "ERROR", C: "22P02", M: "no number" }), backend.readyForQuery());

test("all of it in one chunk, more than the reader takes: the connection is not left paused", async () => {
  const { sql, peer } = await scene();
  const opening = sql`copy t to stdout`.readable();
  expect(await takeUntil(peer, "Q")).toBe("Q");
  peer.write(together(OUT, data("x".repeat(200_000)), data("y"), DONE));
  const stream = await opening;
  const query = sql`select 1 as n`.execute();
  await takeUntil(peer, "S");
  peer.write(answer("1"));
  expect(await query).toEqual([{ n: 1 }]);
  expect((await new Response(stream).text()).length).toBe(200_001);
});

test("nothing is sent behind a COPY before it has ended", async () => {
  const { sql, peer } = await scene();
  const opening = sql`copy t from stdin`.writable();
  expect(await takeUntil(peer, "Q")).toBe("Q");
  const query = sql`select 1 as n`.execute();
  peer.write(IN);
  const writer = (await opening).getWriter();
  await writer.write("1\n");
  const closing = writer.close();
  expect(await takeUntil(peer, "c")).toBe("dc");
  peer.write(together(backend.commandComplete("COPY 1"), backend.readyForQuery()));
  await closing;
  expect(await takeUntil(peer, "S")).toBe("PBDES");
  peer.write(answer("1"));
  expect(await query).toEqual([{ n: 1 }]);
});

test("a server that has had enough is sent nothing more", async () => {
  const { sql, peer } = await scene();
  const opening = sql`copy t from stdin`.writable();
  await takeUntil(peer, "Q");
  peer.write(together(IN, FAILED));
  const writer = (await opening).getWriter();
  await expect(writer.write("1\n".repeat(100_000))).rejects.toMatchObject({ code: "22P02" });
  await expect(writer.closed).rejects.toMatchObject({ code: "22P02" });
  const query = sql`select 1 as n`.execute();
  expect(await takeUntil(peer, "S")).toBe("PBDES");
  peer.write(answer("1"));
  expect(await query).toEqual([{ n: 1 }]);
});

test("one that is given up before the server asks for data says so when it does", async () => {
  const { sql, peer } = await scene();
  const controller = new AbortController();
  const opening = sql`copy t from stdin`.signal(controller.signal).writable();
  await takeUntil(peer, "Q");
  const reason = new Error("never mind");
  controller.abort(reason);
  await expect(opening).rejects.toBe(reason);
  peer.write(IN);
  expect(await takeUntil(peer, "f")).toBe("f");
  peer.write(FAILED);
  const query = sql`select 1 as n`.execute();
  expect(await takeUntil(peer, "S")).toBe("PBDES");
  peer.write(answer("1"));
  expect(await query).toEqual([{ n: 1 }]);
});

test("a server that asks twice is refused the second time", async () => {
  const { sql, peer } = await scene();
  const opening = sql.unsafe("copy t from stdin; copy t from stdin").writable();
  await takeUntil(peer, "Q");
  peer.write(IN);
  const writer = (await opening).getWriter();
  const closing = writer.close();
  await takeUntil(peer, "c");
  peer.write(together(backend.commandComplete("COPY 0"), IN));
  expect(await takeUntil(peer, "f")).toBe("f");
  peer.write(FAILED);
  await expect(closing).rejects.toMatchObject({ code: "22P02" });
});

test("a server that ends it before the data, or sends data that nobody asked for", async () => {
  const early = await scene();
  const opening = early.sql`copy t from stdin`.writable();
  await takeUntil(early.peer, "Q");
  early.peer.write(together(IN, DONE));
  const writer = (await opening).getWriter();
  await expect(writer.closed).rejects.toBeInstanceOf(ProtocolError);
  const { sql, peer } = await scene();
  peer.write(data("x"));
  await expect(peer.pull()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  await expect(sql`select 1`).rejects.toMatchObject({ outcome: "unsent" });
});

test("where there is no back-pressure there are no streams", async () => {
  const { sql } = await scene({ flow: false });
  const unsupported = { code: "STREAM_UNSUPPORTED", outcome: "unsent" };
  await expect(sql`copy t to stdout`.readable()).rejects.toMatchObject(unsupported);
  await expect(sql`copy t from stdin`.writable()).rejects.toMatchObject(unsupported);
});
