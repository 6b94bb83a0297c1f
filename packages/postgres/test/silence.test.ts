// A link that goes dead without a word, in the middle of anything: whoever waits for the server hears a TimeoutError in the time
// that the client was given, on every runtime, and the pool goes on over another link.

import { connect, TimeoutError, type Connector } from "@landline/core";
import type {} from "@landline/services/provided";
import { expect, inject, test } from "vitest";
import { postgres, type Sql } from "../src/index.ts";

const { postgres: server } = inject("services");
const { username: user, password } = server.users.scram;

/** A connector whose links made so far can be cut as a dead router does: both ways are open, and nothing gets through. */
function mortal(): { connect: Connector; kill: () => void } {
  let generation = 0;
  const never = new Promise<never>(() => {});
  const connector: Connector = (address, options) => {
    const socket = connect(address, options);
    const born = generation;
    const alive = (): Promise<void> | undefined => (born < generation ? never : undefined);
    const reader = socket.readable.getReader();
    const writer = socket.writable.getWriter();
    return {
      readable: new ReadableStream({
        pull: async (controller) => {
          const { done, value } = await reader.read();
          await alive();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => reader.cancel(reason),
      }),
      writable: new WritableStream({
        write: async (chunk) => {
          await alive();
          await writer.write(chunk);
        },
        close: () => writer.close(),
        abort: (reason) => writer.abort(reason),
      }),
      opened: socket.opened,
      closed: socket.closed,
      upgraded: false,
      secureTransport: "off",
      startTls: () => {
        throw new Error("not over this");
      },
      close: (reason) => socket.close(reason),
    };
  };
  return { connect: connector, kill: () => void generation++ };
}

interface Scene {
  readonly sql: Sql;
  readonly kill: () => void;
}

/** For what is to succeed, on however slow a machine. Milliseconds. */
const PATIENT = 60_000;

const rejects = (work: PromiseLike<unknown>): Promise<void> => expect(work).rejects.toBeInstanceOf(TimeoutError);

const cases: Record<string, (scene: Scene) => Promise<unknown>> = {
  "a query": async ({ sql, kill }) => {
    kill();
    await rejects(sql`select 1`);
  },
  "a query that has begun": async ({ sql, kill }) => {
    const query = sql`select repeat('x', 1000), pg_sleep(0.05) from generate_series(1, 100)`.execute();
    setTimeout(kill, 20);
    await rejects(query);
  },
  "forEach()": async ({ sql, kill }) => {
    const big = "select repeat('x', 1000) from generate_series(1, 100000)";
    await rejects(sql.unsafe(big, []).forEach(kill));
  },
  "a cursor": async ({ sql, kill }) => {
    const reading = (async () => {
      for await (const _ of sql`select n from generate_series(1, 1000) as n`.cursor(10)) kill();
    })();
    await rejects(reading);
  },
  "COPY out": async ({ sql, kill }) => {
    const stream = await sql`copy (select repeat('x', 1000) from generate_series(1, 100000)) to stdout`.readable();
    kill();
    await rejects(new Response(stream).arrayBuffer());
  },
  "COPY in": async ({ sql, kill }) => {
    await sql`create temp table silent (t text)`.timeout(PATIENT);
    const writer = (await sql`copy silent from stdin`.writable()).getWriter();
    writer.closed.catch(() => {});
    kill();
    await rejects(
      (async () => {
        const line = new TextEncoder().encode(`${"x".repeat(65_535)}\n`);
        for (let n = 0; n < 1000; n++) await writer.write(line);
        await writer.close();
      })(),
    );
  },
  "the end of a COPY": async ({ sql, kill }) => {
    await sql`create temp table silent (t text)`.timeout(PATIENT);
    const writer = (await sql`copy silent from stdin`.writable()).getWriter();
    writer.closed.catch(() => {});
    await writer.write("a line\n");
    kill();
    await rejects(writer.close());
  },
  begin: async ({ sql, kill }) => {
    kill();
    await rejects(sql.begin((tx) => tx`select 1`));
  },
  "a transaction": async ({ sql, kill }) => {
    await rejects(
      sql.begin(async (tx) => {
        await tx`select 1`.timeout(PATIENT);
        kill();
        await tx`select 2`;
      }),
    );
  },
  "a COMMIT": async ({ sql, kill }) => {
    await expect(
      sql.begin(async (tx) => {
        await tx`select 1`.timeout(PATIENT);
        kill();
      }),
    ).rejects.toMatchObject({ outcome: "unknown" });
  },
  "a batch": async ({ sql, kill }) => {
    kill();
    await rejects(sql.batch([sql`select 1`, sql`select 2`]));
  },
  "a reserved connection": async ({ sql, kill }) => {
    await using one = await sql.reserve();
    kill();
    for (const { status } of await Promise.allSettled([one`select 1`, one`select 2`])) expect(status).toBe("rejected");
  },
  notify: async ({ sql, kill }) => {
    kill();
    await rejects(sql.notify("silent", "x"));
  },
};

test.each(Object.keys(cases))("%s", async (name) => {
  const { connect: connector, kill } = mortal();
  const { hostname: host, port, database } = server;
  const options = { host, port, database, user, password, tls: "off", max: 1, connect: connector } as const;
  await using sql = postgres({ ...options, queryTimeout: 300, cancelTimeout: 50 });
  await sql`select 1`.timeout(PATIENT);
  await cases[name]?.({ sql, kill });
  expect(await sql`select 1 as n`.timeout(PATIENT)).toEqual([{ n: 1 }]);
});
