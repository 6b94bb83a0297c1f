// Streams of others over the facade: pg-copy-streams, which takes the socket's place, and pg-query-stream, which has its own
// pg-cursor. They are what people use with node-postgres, unchanged.

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import copy from "pg-copy-streams";
import QueryStream from "pg-query-stream";
import { afterAll, describe, expect, inject, test } from "vitest";
import { Client, Pool } from "../../src/pg/index.ts";
import { outcome } from "./cases.ts";

const { url } = inject("services").postgres;
const pool = new Pool({ connectionString: url, max: 3 });
afterAll(() => pool.end());

async function connected(): Promise<Client> {
  const client = await new Client(url).connect();
  await client.query("create temp table words (id int, word text)");
  return client;
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text;
}

describe("pg-copy-streams", () => {
  test("COPY FROM: bytes go in, and their number comes back", async () => {
    const client = await connected();
    const into = client.query(copy.from("copy words from stdin"));
    await pipeline(Readable.from(["1\tä", "b\n", "2\t\\N\n"]), into);
    expect(into.rowCount).toBe(2);
    expect((await client.query("select * from words order by id")).rows).toEqual([
      { id: 1, word: "äb" },
      { id: 2, word: null },
    ]);
    await client.end();
  });

  test("COPY FROM: more than a socket takes at once waits for it", async () => {
    const client = await connected();
    const line = `7\t${"x".repeat(997)}\n`;
    const block = line.repeat(1000);
    const into = client.query(copy.from("copy words from stdin"));
    await pipeline(Readable.from(Array.from({ length: 8 }, () => block)), into);
    expect((await client.query("select count(*)::int as n, sum(length(word))::int as c from words")).rows).toEqual([
      { n: 8000, c: 8000 * 997 },
    ]);
    await client.end();
  });

  test("COPY FROM: what the server refuses, and a source that breaks", async () => {
    const client = await connected();
    const refused = client.query(copy.from("copy words from stdin"));
    expect(await outcome(pipeline(Readable.from(["not a number\tx\n"]), refused))).toMatchObject({
      fields: { code: "22P02" },
    });
    const broken = client.query(copy.from("copy words from stdin"));
    async function* source(): AsyncGenerator<string> {
      yield "1\tx\n";
      throw new Error("the source broke");
    }
    expect(await outcome(pipeline(Readable.from(source()), broken))).toMatchObject({ message: "the source broke" });
    const nowhere = client.query(copy.from("copy nowhere from stdin"));
    expect(await outcome(pipeline(Readable.from(["1\n"]), nowhere))).toMatchObject({ fields: { code: "42P01" } });
    expect((await client.query("select count(*)::int as n from words")).rows).toEqual([{ n: 0 }]);
    await client.end();
  });

  test("COPY TO: bytes come out, and the next query finds its own answer", async () => {
    const client = await connected();
    await client.query("insert into words values (1, 'ä'), (2, null)");
    const out = client.query(copy.to("copy words to stdout"));
    const behind = client.query("select 1 as behind");
    expect(await textOf(out)).toBe("1\tä\n2\t\\N\n");
    expect((await behind).rows).toEqual([{ behind: 1 }]);
    expect(out.rowCount).toBe(2);
    const empty = client.query(copy.to("copy (select 1 where false) to stdout"));
    expect(await textOf(empty)).toBe("");
    const refused = client.query(copy.to("copy nowhere to stdout"));
    expect(await outcome(textOf(refused))).toMatchObject({ fields: { code: "42P01" } });
    expect((await client.query("select 2 as after")).rows).toEqual([{ after: 2 }]);
    await client.end();
  });

  test("COPY TO: a slow reader, much data, an error at the end", async () => {
    const client = await connected();
    const out = client.query(copy.to("copy (select repeat('y', 1000), n from generate_series(1, 20000) n) to stdout"));
    let length = 0;
    for await (const chunk of out) {
      length += (chunk as Uint8Array).length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(length).toBe(20_000 * 1002 + 9 * 1 + 90 * 2 + 900 * 3 + 9000 * 4 + 10_001 * 5);
    const failing = client.query(copy.to("copy (select 1 / (5000 - n) from generate_series(1, 9000) n) to stdout"));
    expect(await outcome(textOf(failing))).toMatchObject({ fields: { code: "22012" } });
    expect((await client.query("select 1 as still")).rows).toEqual([{ still: 1 }]);
    await client.end();
  });

  test("from one table to another, through a pool", async () => {
    const [source, target] = [await pool.connect(), await pool.connect()];
    await target.query("create temp table copied (n int)");
    await pipeline(
      source.query(copy.to("copy (select n from generate_series(1, 5000) n) to stdout")),
      target.query(copy.from("copy copied from stdin")),
    );
    expect((await target.query("select sum(n)::int as sum from copied")).rows).toEqual([{ sum: 12_502_500 }]);
    source.release();
    target.release(true);
  });

  test("a connection that is lost in the middle is an error of the stream", async () => {
    const client = await connected();
    client.on("error", () => {});
    const out = client.query(copy.to("copy (select repeat('z', 1000) from generate_series(1, 1000000)) to stdout"));
    const { value } = await out[Symbol.asyncIterator]().next();
    expect(value).toBeDefined();
    const lost = outcome(textOf(out));
    await pool.query("select pg_terminate_backend($1)", [client.processID]);
    expect(await lost).toHaveProperty("message");
    await client.end();
  });
});

describe("pg-query-stream", () => {
  test("rows as a stream, and the client is free behind it", async () => {
    const client = await pool.connect();
    const rows: unknown[] = [];
    const stream = client.query(new QueryStream("select n from generate_series(1, $1) n", [250], { batchSize: 100 }));
    for await (const row of stream) rows.push(row);
    expect([rows.length, rows[0], rows.at(-1)]).toEqual([250, { n: 1 }, { n: 250 }]);
    expect((await client.query("select 1 as a")).rows).toEqual([{ a: 1 }]);
    client.release();
  });

  test("destroyed early, it leaves the connection usable", async () => {
    const client = await pool.connect();
    const stream = client.query(new QueryStream("select n from generate_series(1, 100000) n"));
    for await (const row of stream) if ((row as { n: number }).n === 5) break;
    expect((await client.query("select 2 as a")).rows).toEqual([{ a: 2 }]);
    client.release();
  });

  test("arrays, own parsers, errors", async () => {
    const client = await pool.connect();
    const stream = new QueryStream("select 1 as a, '2'::int8 as b", [], {
      rowMode: "array",
      types: { getTypeParser: () => (text: string) => `<${text}>` } as never,
    });
    const rows: unknown[] = [];
    for await (const row of client.query(stream)) rows.push(row);
    expect(rows).toEqual([["<1>", "<2>"]]);
    const failing = client.query(new QueryStream("select 1 / (3 - n) from generate_series(1, 9) n"));
    const read = async (): Promise<void> => {
      for await (const row of failing) void row;
    };
    expect(await outcome(read())).toMatchObject({ fields: { code: "22012" } });
    expect((await client.query("select 3 as a")).rows).toEqual([{ a: 3 }]);
    client.release();
  });
});
