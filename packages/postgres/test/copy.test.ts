// COPY both ways against a real server: the data arrives whole, a slow side slows the other, and however a stream ends, the
// connection is used again in order or not at all.

import type {} from "@landline/services/provided";
import { TimeoutError } from "@landline/core";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { postgres, PostgresError, type Tag } from "../src/index.ts";

const { postgres: server } = inject("services");
const admin = postgres(server.adminUrl);
const sql = postgres({ url: server.url, max: 1 });
const ENDLESS = "copy (select repeat('x', 1000) from (select generate_series(1, 1000000000)) as numbers) to stdout";
const table = `copy_${crypto.randomUUID().slice(0, 8)}`;

beforeAll(async () => {
  await sql`create table ${sql(table)} (id int primary key, name text)`;
});
beforeEach(async () => {
  await sql`truncate ${sql(table)}`;
});
afterAll(async () => {
  await sql`drop table ${sql(table)}`;
  await Promise.all([sql.end(), admin.end()]);
});

async function pid(tag: Tag = sql): Promise<number> {
  const [row] = await tag<{ pid: number }>`select pg_backend_pid() as pid`;
  return row?.pid as number;
}

async function count(tag: Tag = sql): Promise<number> {
  const [row] = await tag<{ n: number }>`select count(*)::int as n from ${sql(table)}`;
  return row?.n as number;
}

function streamOf(chunks: Iterable<Uint8Array | string>): ReadableStream<Uint8Array | string> {
  const iterator = chunks[Symbol.iterator]();
  return new ReadableStream({
    pull: (controller) => {
      const { value, done } = iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

describe("from stdin", () => {
  test("strings and bytes, cut anywhere", async () => {
    const stream = await sql`copy ${sql(table)} from stdin`.writable();
    const writer = stream.getWriter();
    const text = "1\tgrüße 🚲\n2\t\\N\n";
    for (const half of text.split("")) await writer.write(half);
    for (const byte of new TextEncoder().encode("3\té\n")) await writer.write(Uint8Array.of(byte));
    await writer.close();
    expect(await sql`select * from ${sql(table)} order by id`).toEqual([
      { id: 1, name: "grüße 🚲" },
      { id: 2, name: null },
      { id: 3, name: "é" },
    ]);
  });

  test("many rows, one large value, nothing at all", async () => {
    function* rows(): Generator<string> {
      for (let id = 0; id < 50_000; id++) yield `${id}\tname ${id}\n`;
    }
    await streamOf(rows()).pipeTo(await sql`copy ${sql(table)} from stdin`.writable());
    expect(await count()).toBe(50_000);
    await streamOf([`-1\t${"x".repeat(5_000_000)}\n`]).pipeTo(await sql`copy ${sql(table)} from stdin`.writable());
    expect(await sql`select length(name) as n from ${sql(table)} where id = -1`).toEqual([{ n: 5_000_000 }]);
    await (await sql`copy ${sql(table)} from stdin`.writable()).close();
    expect(await count()).toBe(50_001);
  });

  test("what the server says against the statement comes before any stream", async () => {
    const before = await pid();
    await expect(sql`copy no_such_table from stdin`.writable()).rejects.toMatchObject({ code: "42P01" });
    await expect(sql`copy ${sql(table)} from stdin where id = ${1}`.writable()).rejects.toThrow(TypeError);
    expect(await pid()).toBe(before);
  });

  test("what it says against the data is what closing rejects with, and writing from then on", async () => {
    const before = await pid();
    const closing = (await sql`copy ${sql(table)} from stdin`.writable()).getWriter();
    await closing.write("not a number\n");
    await expect(closing.close()).rejects.toMatchObject({ code: "22P02" });
    const writing = (await sql`copy ${sql(table)} from stdin`.writable()).getWriter();
    const error = await (async () => {
      for (;;) await writing.write("not a number\n".repeat(10_000));
    })().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PostgresError);
    expect(error).toMatchObject({ code: "22P02", outcome: "refused" });
    await expect(writing.closed).rejects.toBe(error);
    expect(await pid()).toBe(before);
    expect(await count()).toBe(0);
  });

  test("an abort makes the server forget it, and the connection goes on", async () => {
    const before = await pid();
    const writer = (await sql`copy ${sql(table)} from stdin`.writable()).getWriter();
    await writer.write("1\tone\n");
    await writer.abort(new Error("changed my mind"));
    expect(await count()).toBe(0);
    expect(await pid()).toBe(before);
  });

  test("its signal, its timeout, and a chunk that is none do the same", async () => {
    const before = await pid();
    const controller = new AbortController();
    const reason = new Error("enough");
    const aborted = (await sql`copy ${sql(table)} from stdin`.signal(controller.signal).writable()).getWriter();
    controller.abort(reason);
    await expect(aborted.closed).rejects.toBe(reason);
    const late = (await sql`copy ${sql(table)} from stdin`.timeout(30).writable()).getWriter();
    await expect(late.closed).rejects.toBeInstanceOf(TimeoutError);
    const wrong = (await sql`copy ${sql(table)} from stdin`.writable()).getWriter();
    wrong.closed.catch(() => {});
    await expect(wrong.write(7 as unknown as string)).rejects.toThrow(TypeError);
    expect(await count()).toBe(0);
    expect(await pid()).toBe(before);
  });

  test("a server that does not read holds the writer up, and an abort gets through all the same", async () => {
    await using holder = await admin.reserve();
    await holder`begin`;
    await holder`insert into ${sql(table)} values (1)`;
    await using client = postgres({ url: server.url, max: 1, cancelTimeout: 100 });
    const backend = await pid(client);
    const writer = (await client`copy ${sql(table)} from stdin`.writable()).getWriter();
    // The first row waits for the other transaction, and so does everything behind it.
    let waiting = false;
    const writing = (async () => {
      for (let id = 1; ; id++) {
        waiting = true;
        await writer.write(`${id}\t${"x".repeat(100_000)}\n`);
        waiting = false;
        if (id > 1000) throw new Error("a thousand rows went into a server that reads none");
      }
    })().catch((caught: unknown) => caught);
    for (;;) {
      const [row] = await admin<{ stuck: boolean }>`
        select wait_event_type = 'Lock' as stuck from pg_stat_activity where pid = ${backend}::int4`;
      if (row?.stuck === true && waiting) break;
    }
    const reason = new Error("no more patience");
    await writer.abort(reason).catch(() => {});
    expect(await writing).toBe(reason);
    // A runtime may keep a socket open that it cannot write to.
    await admin`select pg_terminate_backend(${backend}::int4, 5000)`;
    await holder`rollback`;
    expect(await count()).toBe(0);
  });

  test("in a transaction: part of it, and others wait for its end", async () => {
    await sql.begin(async (tx) => {
      const writer = (await tx`copy ${tx(table)} from stdin`.writable()).getWriter();
      const counting = count(tx);
      await writer.write("1\tone\n");
      await writer.close();
      expect(await counting).toBe(1);
    });
    const undone = sql.begin(async (tx) => {
      await streamOf(["2\ttwo\n"]).pipeTo(await tx`copy ${tx(table)} from stdin`.writable());
      throw new Error("undo");
    });
    await expect(undone).rejects.toThrow("undo");
    expect(await count()).toBe(1);
  });

  test("one that a transaction leaves open does not commit", async () => {
    let writer: WritableStreamDefaultWriter | undefined;
    const work = sql.begin(async (tx) => {
      writer = (await tx`copy ${tx(table)} from stdin`.writable()).getWriter();
      writer.closed.catch(() => {});
      await writer.write("1\tone\n");
    });
    await expect(work).rejects.toMatchObject({ code: "TRANSACTION_ROLLED_BACK" });
    await expect(writer?.write("2\ttwo\n")).rejects.toMatchObject({ code: "TRANSACTION_OVER" });
    expect(await count()).toBe(0);
  });

  test("a lost connection is the stream's error", async () => {
    await using client = postgres({ url: server.url, max: 1 });
    const backend = await pid(client);
    const writer = (await client`copy ${sql(table)} from stdin`.writable()).getWriter();
    const closed = writer.closed.catch((error: unknown) => error);
    await admin`select pg_terminate_backend(${backend}::int4, 5000)`;
    await expect(
      (async () => {
        for (;;) await writer.write("1\tone\n".repeat(10_000));
      })(),
    ).rejects.toMatchObject({ code: expect.stringMatching(/57P01|CONNECTION_LOST/) });
    expect(await closed).toMatchObject({ outcome: "unknown" });
    expect(await client`select 1 as one`).toEqual([{ one: 1 }]);
  });
});

describe("to stdout", () => {
  test("every byte once", async () => {
    const stream = await sql`copy (select generate_series(1, 100000)) to stdout`.readable();
    const text = await new Response(stream).text();
    expect(text).toBe(Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join(""));
    expect(await new Response(await sql`copy (select 1 where false) to stdout`.readable()).text()).toBe("");
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test("into a buffer of the reader's own", async () => {
    const reader = (await sql`copy (select generate_series(1, 3)) to stdout`.readable()).getReader({ mode: "byob" });
    let text = "";
    let buffer = new Uint8Array(4);
    for (;;) {
      const { value, done } = await reader.read(buffer);
      if (value !== undefined) text += new TextDecoder().decode(value);
      if (done) break;
      buffer = new Uint8Array(value.buffer as ArrayBuffer);
    }
    expect(text).toBe("1\n2\n3\n");
  });

  test("from one table into another, through both", async () => {
    await sql`insert into ${sql(table)} select n, 'name ' || n from generate_series(1, 1000) n`;
    await using other = postgres(server.url);
    const out = await sql`copy (select id + 1000, name from ${sql(table)}) to stdout (format binary)`.readable();
    await out.pipeTo(await other`copy ${sql(table)} from stdin (format binary)`.writable());
    expect(await count()).toBe(2000);
  });

  test("a reader that stops reading stops the server", async () => {
    await using client = postgres({ url: server.url, max: 1 });
    const backend = await pid(client);
    const stream = await client.unsafe(ENDLESS).readable();
    const reader = stream.getReader();
    await reader.read();
    // The server waits for the client to read: the connection is full.
    for (;;) {
      const [row] = await admin<{ stuck: boolean }>`
        select wait_event = 'ClientWrite' as stuck from pg_stat_activity where pid = ${backend}::int4`;
      if (row?.stuck === true) break;
    }
    let bytes = 0;
    while (bytes < 5_000_000) bytes += (await reader.read()).value?.length ?? 0;
    await reader.cancel();
    expect(await pid(client)).toBe(backend);
  });

  test("cancelling, a signal and a timeout cancel it on the server, and keep the connection", async () => {
    const before = await pid();
    await (await sql.unsafe(ENDLESS).readable()).cancel();
    expect(await pid()).toBe(before);
    const controller = new AbortController();
    const reason = new Error("enough");
    const aborted = (await sql.unsafe(ENDLESS).signal(controller.signal).readable()).getReader();
    await aborted.read();
    controller.abort(reason);
    await expect(aborted.closed).rejects.toBe(reason);
    expect(await pid()).toBe(before);
    const late = (await sql.unsafe(ENDLESS).timeout(50).readable()).getReader();
    await expect(late.closed).rejects.toBeInstanceOf(TimeoutError);
    expect(await pid()).toBe(before);
  });

  test("what the server says, before the first byte or after", async () => {
    const before = await pid();
    await expect(sql`copy no_such_table to stdout`.readable()).rejects.toMatchObject({ code: "42P01" });
    const failing = await sql`copy (select 1 / (5000 - n) from generate_series(1, 10000) n) to stdout`.readable();
    await expect(new Response(failing).text()).rejects.toMatchObject({ code: "22012" });
    expect(await pid()).toBe(before);
  });

  test("a statement that is no COPY, or one the other way", async () => {
    const before = await pid();
    await expect(sql`select 1`.readable()).rejects.toMatchObject({ code: "COPY_EXPECTED" });
    await expect(sql`select 1`.writable()).rejects.toMatchObject({ code: "COPY_EXPECTED" });
    await expect(sql`copy ${sql(table)} from stdin`.readable()).rejects.toMatchObject({ code: "57014" });
    await expect(sql`copy ${sql(table)} to stdout`.writable()).rejects.toMatchObject({ code: "COPY_EXPECTED" });
    expect(await pid()).toBe(before);
  });

  test("a stream that was handed out outlives the client's disposal", async () => {
    const answer = async (): Promise<Response> => {
      await using client = postgres(server.url);
      return new Response(await client`copy (select generate_series(1, 100000)) to stdout`.readable());
    };
    expect((await (await answer()).text()).length).toBe(588_895);
  });

  test("one that a transaction leaves unread does not keep it waiting, and does not commit", async () => {
    let stream: ReadableStream | undefined;
    const work = sql.begin(async (tx) => {
      stream = await tx.unsafe(ENDLESS).readable();
    });
    await expect(work).rejects.toMatchObject({ code: "TRANSACTION_ROLLED_BACK" });
    await expect(new Response(stream).text()).rejects.toMatchObject({ code: "TRANSACTION_OVER" });
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });
});
