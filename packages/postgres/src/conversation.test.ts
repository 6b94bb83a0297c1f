// A conversation with scripted servers: every reply finds its query, no matter what goes wrong with another; a server that
// breaks the rules loses the connection; nothing stays unsettled.

import { ClosedError, ProtocolError, type Transport } from "@landline/core";
import { seededRandom, transportPair } from "@landline/core/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { answer, backend, takeUntil, together } from "../test/support/backend.ts";
import { createClient } from "./client.ts";
import type { ReservedSql } from "./reserve.ts";
import { Conversation } from "./conversation.ts";
import type { Line } from "./line.ts";
import { BackendDecoder } from "./protocol/decoder.ts";
import { BACKEND } from "./protocol/messages.ts";
import type { Session } from "./session.ts";
import { Statements } from "./statements.ts";

afterEach(() => {
  vi.useRealTimers();
});

interface Scene {
  readonly sql: ReservedSql;
  readonly peer: Transport;
  readonly session: Session;
  readonly cancels: (() => void)[];
  readonly returned: string[];
}

async function scene(
  options: { statements?: Statements; cancelTimeout?: number; key?: false; gathers?: true } = {},
): Promise<Scene> {
  const [client, peer] = await transportPair();
  const cancels: (() => void)[] = [];
  const line: Line = {
    get writer() {
      return client.writer;
    },
    cancel: options.key === false ? undefined : () => new Promise((resolve) => cancels.push(resolve)),
    gathers: options.gathers,
    abort: (reason) => client.abort(reason),
  };
  const session = new Conversation(line, {
    decoder: new BackendDecoder(),
    parameters: new Map(),
    processId: 1,
    statements: options.statements,
    ...(options.cancelTimeout === undefined ? {} : { cancelTimeout: options.cancelTimeout }),
  });
  client.receive({
    data: (chunk) => session.data(chunk),
    end: () =>
      session.end(new ClosedError("the server closed the connection", { code: "CONNECTION_LOST", outcome: "unknown" })),
    error: (cause) => session.end(cause),
  });
  const returned: string[] = [];
  const lease = {
    resource: session,
    release: () => void returned.push("release"),
    destroy: () => void returned.push("destroy"),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const sql = await createClient({ acquire: () => Promise.resolve(lease), close: () => Promise.resolve() }).reserve();
  return { sql, peer, session, cancels, returned };
}

const ERROR = backend.errorResponse({ V: "ERROR", C: "22012", M: "division by zero" });

describe("replies", () => {
  test("one flight for each query, all of a tick together", async () => {
    const { sql, peer } = await scene();
    const both = Promise.all([sql`select 1 as n`, sql`select 2 as n`]);
    expect(await takeUntil(peer, "S")).toBe("PBDESPBDES");
    peer.write(together(answer("1"), answer("2")));
    expect(await both).toEqual([[{ n: 1 }], [{ n: 2 }]]);
  });

  test("behind many that are in flight, what a reply brings about waits for company, but not for long", async () => {
    const { sql, peer } = await scene({ gathers: true });
    const early = Array.from({ length: 20 }, (_, n) => sql`select ${n}`.execute());
    expect(await takeUntil(peer, "S")).toBe("PBDES".repeat(16));
    // Nothing is answered: those that waited leave all the same.
    expect(await takeUntil(peer, "S")).toBe("PBDES".repeat(4));
    peer.write(together(...early.map((_, n) => answer(`${n}`))));
    expect((await Promise.all(early)).flat()).toEqual(early.map((_, n) => ({ n })));
  });

  test("a failure after some rows leaves the neighbours alone", async () => {
    const { sql, peer } = await scene();
    const all = Promise.allSettled([sql`a`, sql`b`, sql`c`]);
    await takeUntil(peer, "S");
    const half = together(
      backend.empty(BACKEND.parseComplete),
      backend.empty(BACKEND.bindComplete),
      backend.rowDescription(["n", 23]),
      backend.dataRow("7"),
      ERROR,
      backend.readyForQuery(),
    );
    peer.write(together(answer("1"), half, answer("3", null)));
    expect(await all).toMatchObject([
      { status: "fulfilled", value: [{ n: 1 }] },
      { status: "rejected", reason: { code: "22012" } },
      { status: "fulfilled", value: [{ n: 3 }, { n: null }] },
    ]);
  });

  test("an error at Sync replaces the result", async () => {
    const { sql, peer } = await scene();
    const query = sql`insert`.execute();
    await takeUntil(peer, "S");
    peer.write(together(answer("1").subarray(0, -6), ERROR, backend.readyForQuery()));
    await expect(query).rejects.toMatchObject({ code: "22012" });
  });

  test("what may come at any time does, between any two messages", async () => {
    const { sql, peer, session } = await scene();
    const extra = together(
      backend.noticeResponse({ V: "WARNING", M: "mind the gap" }),
      backend.parameterStatus("TimeZone", "Mars"),
      backend.notificationResponse("c", "p"),
    );
    const query = sql`select`.execute();
    await takeUntil(peer, "S");
    peer.write(
      together(
        extra,
        backend.empty(BACKEND.parseComplete),
        extra,
        backend.empty(BACKEND.bindComplete),
        backend.rowDescription(["n", 23]),
        extra,
        backend.dataRow("1"),
        extra,
        backend.commandComplete("SELECT 1"),
        extra,
        backend.readyForQuery(),
        extra,
      ),
    );
    expect(await query).toEqual([{ n: 1 }]);
    expect(session.facts.parameters.get("TimeZone")).toBe("Mars");
    expect(session.alive).toBe(true);
  });

  test("a known statement is bound without Parse and Describe, and in binary where that is the same", async () => {
    const { sql, peer } = await scene({ statements: new Statements(2) });
    const first = sql`select n`.execute();
    await takeUntil(peer, "S");
    peer.write(answer("5"));
    expect(await first).toEqual([{ n: 5 }]);
    const second = sql`select n`.execute();
    expect(await takeUntil(peer, "S")).toBe("BES");
    peer.write(
      together(
        backend.empty(BACKEND.bindComplete),
        backend.dataRow("\0\0\0\u0005"),
        backend.commandComplete("SELECT 1"),
        backend.readyForQuery(),
      ),
    );
    expect(await second).toEqual([{ n: 5 }]);
  });

  test("a statement whose Parse is in flight is not built upon", async () => {
    const { sql, peer } = await scene({ statements: new Statements(2) });
    const both = Promise.allSettled([sql`same`, sql`same`]);
    expect(await takeUntil(peer, "S")).toBe("PBDESPBDES");
    peer.write(together(ERROR, backend.readyForQuery(), answer("1")));
    expect(await both).toMatchObject([{ status: "rejected" }, { status: "fulfilled" }]);
  });

  test("statements that make room are closed", async () => {
    const { sql, peer } = await scene({ statements: new Statements(1) });
    for (const [text, letters] of [
      ["a", "PBDES"],
      ["b", "CPBDES"],
    ] as const) {
      const query = sql.unsafe(`${text} $1`, [1]).execute();
      expect(await takeUntil(peer, "S")).toBe(letters);
      peer.write(together(...(letters.startsWith("C") ? [backend.empty(BACKEND.closeComplete)] : []), answer("1")));
      await query;
    }
  });
});

describe("a server that breaks the rules", () => {
  const asked: [name: string, reply: Uint8Array][] = [
    ["is ready too early", backend.readyForQuery()],
    ["sends a row before its description", backend.dataRow("1")],
    ["sends more columns than it described", together(backend.rowDescription(["n", 23]), backend.dataRow("1", "2"))],
    [
      "sends a row that is too short",
      together(
        backend.rowDescription(["n", 25]),
        backend.raw(BACKEND.dataRow, (w) => {
          w.i16(1);
          w.i32(5);
          w.u8(1);
        }),
      ),
    ],
    [
      "sends a row that is too long",
      together(
        backend.rowDescription(["n", 25]),
        backend.raw(BACKEND.dataRow, (w) => {
          w.i16(1);
          w.i32(0);
          w.u8(1);
        }),
      ),
    ],
    [
      "sends a negative length",
      together(
        backend.rowDescription(["n", 25]),
        backend.raw(BACKEND.dataRow, (w) => {
          w.i16(1);
          w.i32(-2);
        }),
      ),
    ],
    ["completes twice", together(backend.commandComplete("SELECT 0"), backend.commandComplete("SELECT 0"))],
    ["wants another login", backend.authentication(3)],
    ["suspends what has no limit", backend.empty(BACKEND.portalSuspended)],
    [
      "starts replication",
      backend.raw(BACKEND.copyBothResponse, (w) => {
        w.u8(0);
        w.i16(0);
      }),
    ],
  ];

  test.each(asked)("%s", async (_, reply) => {
    const { sql, peer, session } = await scene();
    const all = Promise.allSettled([sql`a`, sql`b`]);
    await takeUntil(peer, "S");
    peer.write(reply);
    const [first, second] = await all;
    expect((first as PromiseRejectedResult).reason).toBeInstanceOf(ProtocolError);
    expect((second as PromiseRejectedResult).reason).toMatchObject({ outcome: "unknown" });
    expect(session.alive).toBe(false);
    await expect(sql`c`).rejects.toMatchObject({ outcome: "unsent" });
  });

  test.each([
    ["ready", backend.readyForQuery()],
    ["a row", backend.dataRow("1")],
    ["an error", ERROR],
    ["a completion", backend.commandComplete("SELECT 1")],
  ])("unasked: %s", async (_, message) => {
    const { sql, peer, session } = await scene();
    const query = sql`a`.execute();
    await takeUntil(peer, "S");
    peer.write(together(answer("1"), message));
    expect(await query).toEqual([{ n: 1 }]);
    await peer.closed;
    expect(session.alive).toBe(false);
  });
});

describe("the end", () => {
  test("tells apart what was sent and what was not", async () => {
    const { sql, peer, session } = await scene();
    const sent = sql`a`.execute();
    await takeUntil(peer, "S");
    const unsent = sql`b`.execute();
    session.exchange(
      { syncs: 1, extended: true, signal: undefined, timeout: undefined, write: () => {} },
      { row() {}, message() {}, abandon() {}, end() {} },
    );
    (session as Conversation).end(new ClosedError("gone", { code: "CONNECTION_LOST", outcome: "unknown" }));
    await expect(sent).rejects.toMatchObject({ code: "CONNECTION_LOST", outcome: "unknown" });
    await expect(unsent).rejects.toMatchObject({ code: "CONNECTION_LOST", outcome: "unsent" });
  });

  test("the server's last words are the reason", async () => {
    const { sql, peer } = await scene();
    const all = Promise.allSettled([sql`a`, sql`b`]);
    await takeUntil(peer, "S");
    peer.write(
      backend.errorResponse({ V: "FATAL", C: "57P01", M: "terminating connection due to administrator command" }),
    );
    peer.end();
    expect(await all).toMatchObject([
      { reason: { name: "PostgresError", code: "57P01", outcome: "unknown" } },
      { reason: { name: "ClosedError", outcome: "unknown", cause: { code: "57P01" } } },
    ]);
  });

  test("a crash elsewhere in the server is told by a warning, which is the reason then", async () => {
    const { sql, peer } = await scene();
    const query = sql`a`.execute();
    await takeUntil(peer, "S");
    peer.write(
      backend.noticeResponse({
        V: "WARNING",
        C: "57P02",
        M: "terminating connection because of crash of another server process",
      }),
    );
    peer.end();
    await expect(query).rejects.toMatchObject({ name: "ClosedError", outcome: "unknown", cause: { code: "57P02" } });
  });

  test("several FATAL errors, one behind the other, end it once, and closing afterwards is at peace", async () => {
    const { sql, peer, session, returned } = await scene();
    const all = Promise.allSettled([sql`a`, sql`b`]);
    await takeUntil(peer, "S");
    const fatal = backend.errorResponse({ V: "FATAL", C: "57P01", M: "terminating connection" });
    peer.write(together(fatal, backend.errorResponse({ V: "FATAL", C: "08006", M: "and again" }), fatal));
    peer.end();
    expect(await all).toMatchObject([
      { reason: { code: "57P01", outcome: "unknown" } },
      { reason: { outcome: "unknown" } },
    ]);
    (session as Conversation).end(new Error("closed by us"));
    sql.release();
    expect(returned).toEqual(["destroy"]);
  });

  test("a client_encoding that is not UTF8 any more ends it, before a text is read wrongly", async () => {
    const { sql, peer, session } = await scene();
    const all = Promise.allSettled([sql`set client_encoding = 'LATIN1'`, sql`select t`]);
    await takeUntil(peer, "S");
    peer.write(together(backend.parameterStatus("client_encoding", "LATIN1"), answer("1"), answer("2")));
    const [first, second] = await all;
    expect(first).toMatchObject({ reason: { name: "ProtocolError", message: /client_encoding/ } });
    expect(second).toMatchObject({ reason: { outcome: "unknown" } });
    expect(session.alive).toBe(false);
  });

  test("bytes that mean nothing, wherever they come, end it, and every query has its outcome", async () => {
    const random = seededRandom(7, 0);
    for (let round = 0; round < 200; round++) {
      const { sql, peer } = await scene();
      const all = Promise.allSettled([sql`a`, sql`b`]);
      await takeUntil(peer, "S");
      const whole = together(answer("1"), answer("2"));
      const cut = Math.floor(random() * whole.length);
      const garbage = Uint8Array.from({ length: 1 + Math.floor(random() * 40) }, () => Math.floor(random() * 256));
      peer.write(together(whole.subarray(0, cut), garbage));
      peer.end();
      for (const one of await all) {
        if (one.status === "fulfilled") expect(one.value).toMatchObject([{ n: expect.any(Number) }]);
        else expect(one.reason).toMatchObject({ outcome: expect.stringMatching(/^(?:unknown|refused)$/) });
      }
    }
  });

  test("last words while nobody asks are remembered for who asks next", async () => {
    const { sql, peer, session } = await scene();
    peer.write(
      backend.errorResponse({ V: "FATAL", C: "57P05", M: "terminating connection due to idle-session timeout" }),
    );
    peer.end();
    while (session.alive) await Promise.resolve();
    await expect(sql`a`).rejects.toMatchObject({ outcome: "unsent", cause: { code: "57P05" } });
  });
});

test("what throws while it is written leaves none of its bytes, and its neighbours alone", async () => {
  const { sql, peer, session } = await scene();
  const before = sql`a`.execute();
  const ended = new Promise((resolve) => {
    session.exchange(
      {
        syncs: 1,
        extended: true,
        signal: undefined,
        timeout: undefined,
        write: (writer) => {
          writer.utf8("half of a Bind");
          throw new TypeError("a value that cannot be sent");
        },
      },
      { row() {}, message() {}, abandon() {}, end: resolve },
    );
  });
  const behind = sql`b`.execute();
  expect(await ended).toBeInstanceOf(TypeError);
  expect(await takeUntil(peer, "S")).toBe("PBDESPBDES");
  peer.write(together(answer("1"), answer("2")));
  expect([await before, await behind]).toEqual([[{ n: 1 }], [{ n: 2 }]]);
});

describe("giving up", () => {
  test("without a key to cancel with, as from some poolers, the caller hears at once, and the connection is not used again", async () => {
    const { sql, peer, session, returned } = await scene({ key: false });
    const controller = new AbortController();
    const slow = sql`slow`.signal(controller.signal).execute();
    await takeUntil(peer, "S");
    controller.abort(new Error("stop"));
    await expect(slow).rejects.toThrow("stop");
    expect(session.alive).toBe(false);
    await expect(sql`next`).rejects.toMatchObject({ outcome: "unsent", message: /no key to cancel with/ });
    sql.release();
    expect(returned).toEqual(["destroy"]);
  });

  test("what is sent behind a cancellation waits until that can strike no more", async () => {
    const { sql, peer, cancels } = await scene();
    const controller = new AbortController();
    const slow = sql`slow`.signal(controller.signal).execute();
    await takeUntil(peer, "S");
    controller.abort(new Error("stop"));
    await expect(slow).rejects.toThrow("stop");
    expect(cancels).toHaveLength(1);
    const next = sql`next`.execute();
    peer.write(together(ERROR, backend.readyForQuery()));
    cancels[0]?.();
    expect(await takeUntil(peer, "S")).toBe("PBDES");
    peer.write(answer("2"));
    expect(await next).toEqual([{ n: 2 }]);
  });

  test("a server that has not begun with it is asked again, until it answers; nothing is sent before the last request is delivered", async () => {
    vi.useFakeTimers();
    const { sql, peer, cancels } = await scene();
    const controller = new AbortController();
    const slow = sql`slow`.signal(controller.signal).execute();
    await takeUntil(peer, "S");
    controller.abort(new Error("stop"));
    await expect(slow).rejects.toThrow("stop");
    const next = sql`next`.execute();
    let isSent = false;
    const sent = takeUntil(peer, "S").finally(() => (isSent = true));
    // The first is on its way for long: there is never another beside it.
    await vi.advanceTimersByTimeAsync(1_000);
    expect(cancels).toHaveLength(1);
    for (const [index, pause] of [50, 200, 800].entries()) {
      cancels[index]?.();
      await vi.advanceTimersByTimeAsync(pause - 1);
      expect(cancels).toHaveLength(index + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(cancels).toHaveLength(index + 2);
    }
    peer.write(together(ERROR, backend.readyForQuery()));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(isSent).toBe(false);
    cancels[3]?.();
    expect(await sent).toBe("PBDES");
    // What the next one does is nobody's to cancel.
    await vi.advanceTimersByTimeAsync(20_000);
    expect(cancels).toHaveLength(4);
    peer.write(answer("2"));
    expect(await next).toEqual([{ n: 2 }]);
  });

  test("an answer between two requests ends them", async () => {
    vi.useFakeTimers();
    const { sql, peer, cancels } = await scene();
    const slow = sql`slow`.timeout(10).execute();
    const failed = slow.catch((error: unknown) => error);
    await takeUntil(peer, "S");
    await vi.advanceTimersByTimeAsync(10);
    cancels[0]?.();
    await vi.advanceTimersByTimeAsync(49);
    peer.write(together(ERROR, backend.readyForQuery()));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await failed).toMatchObject({ code: "TIMEOUT" });
    expect(cancels).toHaveLength(1);
    const next = sql`next`.execute();
    await takeUntil(peer, "S");
    peer.write(answer("2"));
    expect(await next).toEqual([{ n: 2 }]);
  });

  test("a server that is deaf to all of them loses the connection in time", async () => {
    vi.useFakeTimers();
    const { sql, peer, cancels, session } = await scene({ cancelTimeout: 300 });
    const slow = sql`slow`.timeout(10).execute();
    const failed = slow.catch((error: unknown) => error);
    await takeUntil(peer, "S");
    for (const [index, wait] of [10, 50, 200].entries()) {
      await vi.advanceTimersByTimeAsync(wait);
      expect(cancels).toHaveLength(index + 1);
      cancels[index]?.();
    }
    expect(await failed).toMatchObject({ code: "TIMEOUT" });
    await vi.advanceTimersByTimeAsync(49);
    expect(session.alive).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(session.alive).toBe(false);
    expect(cancels).toHaveLength(3);
  });

  test("one that waits behind another is not cancelled on the server while the other runs", async () => {
    const { sql, peer, cancels } = await scene();
    const controller = new AbortController();
    const head = sql`head`.execute();
    const behind = sql`behind`.signal(controller.signal).execute();
    await takeUntil(peer, "S");
    controller.abort(new Error("stop"));
    await expect(behind).rejects.toThrow("stop");
    expect(cancels).toHaveLength(0);
    peer.write(answer("1"));
    expect(await head).toEqual([{ n: 1 }]);
    expect(cancels).toHaveLength(1);
  });

  test("one that others wait behind runs its course", async () => {
    const { sql, peer, cancels } = await scene();
    const controller = new AbortController();
    const head = sql`head`.signal(controller.signal).execute();
    const behind = sql`behind`.execute();
    await takeUntil(peer, "S");
    controller.abort(new Error("stop"));
    await expect(head).rejects.toThrow("stop");
    expect(cancels).toHaveLength(0);
    peer.write(together(answer("1"), answer("2")));
    expect(await behind).toEqual([{ n: 2 }]);
  });

  test("a server that does not end the cancelled query loses the connection", async () => {
    const { sql, peer, cancels, session, returned } = await scene({ cancelTimeout: 20 });
    const slow = sql`slow`.timeout(10).execute();
    await takeUntil(peer, "S");
    await expect(slow).rejects.toMatchObject({ code: "TIMEOUT", outcome: "unknown" });
    cancels[0]?.();
    sql.release();
    await peer.closed;
    expect(session.alive).toBe(false);
    expect(returned).toEqual(["destroy"]);
  });
});
