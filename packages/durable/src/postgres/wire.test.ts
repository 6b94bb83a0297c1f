// Frames of drivers on their way to a backend, and back, without either: what is put in between is never heard of, what is left
// out is answered, and nothing relies on what has failed.

import { ByteWriter } from "@landline/core/bytes";
import { describe, expect, test } from "vitest";
import { commandComplete, frame, joined, readyForQuery, row } from "../../test/server-frames.ts";
import { BackendStatements } from "./statements.ts";
import { ClientFrames, PARSE_COMPLETE } from "./wire-frames.ts";
import { WireReplies } from "./wire-replies.ts";
import { unsettable } from "./wire-startup.ts";
import { DriverStatements } from "./wire-statements.ts";

const parse = (name: string, text: string): Uint8Array =>
  frame("P", (writer) => {
    writer.cstring(name);
    writer.cstring(text);
    writer.i16(0);
  });
const bind = (name: string): Uint8Array =>
  frame("B", (writer) => {
    writer.cstring("");
    writer.cstring(name);
    writer.bytes(new Uint8Array(6));
  });
const execute = frame("E", (writer) => writer.bytes(new Uint8Array(5)));
const sync = frame("S", () => {});
const parsed = frame("1", () => {});
const bound = frame("2", () => {});
const closed = frame("3", () => {});
const refused = frame("E", (writer) => {
  writer.cstring("C42703");
  writer.u8(0);
});

/** A driver and a backend. */
function desk(statements: BackendStatements, of = new DriverStatements()) {
  const heard: Uint8Array[] = [];
  const ready: number[] = [];
  const replies = new WireReplies({
    write: (bytes) => heard.push(bytes.slice()) > 0,
    ready: (left) => ready.push(left),
    quiet: () => {},
    copying: () => {},
  });
  of.move(statements, replies);
  return {
    of,
    ready,
    say: (...frames: Uint8Array[]): string =>
      texts(joined(...frames.map((each) => of.translate(each) ?? new Uint8Array(0)))),
    hear: (bytes: Uint8Array, size = bytes.length): Uint8Array => {
      heard.length = 0;
      for (let at = 0; at < bytes.length; at += size) replies.push(bytes, at, Math.min(at + size, bytes.length));
      return joined(...heard);
    },
    heard: (): Uint8Array => joined(...heard),
  };
}

/** Types of frames, and the names of statements in them. */
function texts(bytes: Uint8Array): string {
  const frames = new ClientFrames();
  frames.started();
  frames.push(bytes);
  const found: string[] = [];
  for (let next = frames.next(); next !== undefined; next = frames.next()) {
    const name = /pool_\w+/.exec(new TextDecoder("latin1").decode(next))?.[0] ?? "";
    found.push(`${String.fromCharCode(next[0] as number)}${name}`);
  }
  return found.join(" ");
}

describe("a statement with a name", () => {
  test("is prepared once on a backend, whoever asks, and the answer to it is as if it had been", () => {
    const statements = new BackendStatements(10);
    const first = desk(statements);
    expect(first.say(parse("a", "select 1"), bind("a"), execute, sync)).toBe("Ppool_0 Bpool_0 E S");
    const answer = joined(parsed, bound, row(3), commandComplete("SELECT 1"), readyForQuery("I"));
    expect(first.hear(answer)).toEqual(answer);
    const second = desk(statements);
    expect(second.say(parse("b", "select 1"), bind("b"), execute, sync)).toBe("Bpool_0 E S");
    const rest = joined(bound, row(3), commandComplete("SELECT 1"), readyForQuery("I"));
    expect(joined(PARSE_COMPLETE, second.hear(rest))).toEqual(answer);
  });

  test("follows its driver to another backend, at any split of what that says", () => {
    const of = new DriverStatements();
    const here = desk(new BackendStatements(10), of);
    here.say(parse("a", "select 1"), sync);
    here.hear(joined(parsed, readyForQuery("I")));
    const rest = joined(bound, row(30), commandComplete("SELECT 1"), readyForQuery("I"));
    const answer = joined(parsed, rest);
    for (let size = 1; size <= answer.length; size++) {
      const there = desk(new BackendStatements(10), of);
      expect(there.say(bind("a"), execute, sync)).toBe("Ppool_0 Bpool_0 E S");
      expect(there.hear(answer, size)).toEqual(rest);
      expect(there.ready).toEqual([0]);
    }
  });

  test("that could not be prepared is not taken for one that is, by anybody", () => {
    const statements = new BackendStatements(10);
    const first = desk(statements);
    expect(first.say(parse("a", "nonsense"), bind("a"), execute, sync)).toBe("Ppool_0 Bpool_0 E S");
    expect(first.hear(joined(refused, readyForQuery("I")))).toEqual(joined(refused, readyForQuery("I")));
    // The server may have it after all, as far as this side knows: it is closed, and prepared anew.
    expect(desk(statements).say(parse("b", "nonsense"), sync)).toBe("Cpool_0 Ppool_1 S");
  });

  test("whose Parse is under way is not relied on behind the next Sync", () => {
    const statements = new BackendStatements(10);
    const { say, hear } = desk(statements);
    expect(say(parse("a", "nonsense"), sync, parse("b", "nonsense"), bind("b"), sync)).toBe(
      "Ppool_0 S Cpool_scratch Ppool_scratch Bpool_scratch S",
    );
    const answer = joined(refused, readyForQuery("I"), closed, refused, readyForQuery("I"));
    expect(hear(answer)).toEqual(joined(refused, readyForQuery("I"), refused, readyForQuery("I")));
  });

  test("is closed at the server when there are too many", () => {
    const statements = new BackendStatements(2);
    const { say, hear } = desk(statements);
    const answer = joined(parsed, readyForQuery("I"));
    for (const name of ["a", "b", "c"]) {
      say(parse(name, `select ${name}`), sync);
      hear(answer);
    }
    expect(say(parse("d", "select d"), sync)).toBe("Cpool_0 Ppool_3 S");
    expect(hear(joined(closed, answer))).toEqual(answer);
  });

  test("is made anew for each use where nothing is kept", () => {
    const { say, hear } = desk(new BackendStatements(0));
    expect(say(parse("a", "select 1"), sync)).toBe("Cpool_scratch Ppool_scratch S");
    expect(hear(joined(closed, parsed, readyForQuery("I")))).toEqual(joined(parsed, readyForQuery("I")));
    expect(say(parse("b", "select 2"), bind("a"), sync)).toBe(
      "Cpool_scratch Ppool_scratch Cpool_scratch Ppool_scratch Bpool_scratch S",
    );
  });

  test("that is unknown is unknown to the server as well, and never another driver's", () => {
    const statements = new BackendStatements(10);
    const other = desk(statements);
    other.say(parse("x", "select 1"), sync);
    other.hear(joined(parsed, readyForQuery("I")));
    const { say } = desk(statements);
    expect(say(bind("pool_0"), bind(""), sync)).toBe("Bpool_nothing Bpool_nothing S");
  });
});

test("the statement without a name follows its driver, too", () => {
  const of = new DriverStatements();
  const here = desk(new BackendStatements(10), of);
  expect(here.say(parse("", "select 1"), sync)).toBe("P S");
  here.hear(joined(parsed, readyForQuery("I")));
  const there = desk(new BackendStatements(10), of);
  expect(there.say(bind(""), execute, sync)).toBe("P B E S");
  const rest = joined(bound, commandComplete("SELECT 0"), readyForQuery("I"));
  expect(there.hear(joined(parsed, rest))).toEqual(rest);
});

test("after an error, nothing is answered until the Sync, as by the server", () => {
  const statements = new BackendStatements(10);
  const known = desk(statements);
  known.say(parse("a", "select 1"), sync);
  known.hear(joined(parsed, readyForQuery("I")));
  const { say, hear, heard } = desk(statements);
  say(parse("", "nonsense"));
  hear(refused);
  // It would be left out, and answered at once.
  say(parse("b", "select 1"), bind("b"));
  expect(heard()).toEqual(refused);
  say(sync);
  expect(hear(readyForQuery("I"))).toEqual(readyForQuery("I"));
});

test("frames come whole from chunks of any size, and one that is too long is an error", () => {
  const bytes = joined(parse("a", "select 1"), bind("a"), execute, sync);
  for (let size = 1; size <= bytes.length; size++) {
    const frames = new ClientFrames();
    frames.started();
    const found: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      frames.push(bytes.subarray(at, at + size));
      for (let next = frames.next(); next !== undefined; next = frames.next()) found.push(next);
    }
    expect(joined(...found)).toEqual(bytes);
    expect(found).toHaveLength(4);
  }
  const frames = new ClientFrames();
  frames.started();
  const writer = new ByteWriter(8);
  writer.u8(0x51);
  writer.i32(0x7fff_ffff);
  frames.push(writer.take());
  expect(() => frames.next()).toThrow(/at most/);
});

test("settings of a startup packet are those that the pool has, or are named", () => {
  const parameters = new Map([
    ["DateStyle", "ISO, MDY"],
    ["TimeZone", "UTC"],
  ]);
  const asked = (entries: Record<string, string>): string | undefined =>
    unsettable(new Map(Object.entries(entries)), parameters);
  expect(asked({ user: "u", database: "d", client_encoding: "'utf-8'", application_name: "x" })).toBeUndefined();
  expect(asked({ DateStyle: "ISO", timezone: "utc", options: " ", replication: "off" })).toBeUndefined();
  expect(asked({ DateStyle: "SQL" })).toBe("DateStyle");
  expect(asked({ search_path: "a" })).toBe("search_path");
  expect(asked({ options: "-c geqo=off" })).toBe("options");
  expect(asked({ replication: "database" })).toBe("replication");
  expect(asked({ client_encoding: "LATIN1" })).toBe("client_encoding");
});
