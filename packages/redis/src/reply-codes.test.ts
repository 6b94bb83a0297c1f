import { ProtocolError } from "@landline/core";
import { describe, expect, it } from "vitest";
import { RedisError } from "./errors.ts";
import { DEFAULT_FORMAT } from "./protocol/messages.ts";
import type { Command, Reply } from "./protocol/messages.ts";
import { compileReply } from "./reply-codes.ts";

const read = (code: string, reply: Reply, command: Command = ["X"]): unknown =>
  compileReply(code)(reply, command, DEFAULT_FORMAT);

describe("compileReply", () => {
  it.each<[string, Reply, unknown]>([
    ["d", "1.5", 1.5],
    ["d", 1.5, 1.5],
    ["d", "-inf", -Infinity],
    ["*d", ["1", null, 2n], [1, null, 2]],
    ["(.*(.d))", ["k", [["m", "1"]]], ["k", [["m", 1]]]],
    ["(t)", ["0", ["a"]], ["0", ["a"]]],
    ["(..(.{})+(.{}))", [1, 2, ["a", ["h", "n"]], ["b", []]], [1, 2, ["a", { h: "n" }], ["b", {}]]],
    ["%.", ["a", 1, "b", 2], { a: 1, b: 2 }],
    ["%.", new Map([[7, 1]]), { 7: 1 }],
    ["%.", [["k", ["e"]]], { k: ["e"] }],
    ["{a:d,:|{},}", ["a", "1", "b", ["c", 2], "d", "e"], { a: 1, b: { c: 2 }, d: "e" }],
    ["*{inner:*@,}", [["inner", [["inner", []]]]], [{ inner: [{ inner: [] }] }]],
    ["|(.d)", 3, 3],
    ["|(.d)", [3, "1"], [3, 1]],
    [
      "=.d",
      ["a", "1", "b", "2"],
      [
        ["a", 1],
        ["b", 2],
      ],
    ],
    ["=.d", [["a", 1]], [["a", 1]]],
    ["=.d", [], []],
  ])("reads by %s the reply %o", (code, reply, expected) => {
    expect(read(code, reply)).toEqual(expected);
  });

  it("leaves nulls and errors where they stand", () => {
    const error = new RedisError("ERR no");
    expect(read("*{a:d,}", [null, error, ["a", null]])).toEqual([null, error, { a: null }]);
  });

  it("makes own fields of all names", () => {
    const fields = read("%.", ["__proto__", "p"]) as object;
    expect(Object.entries(fields)).toEqual([["__proto__", "p"]]);
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
  });

  it.each<[string, Command, unknown]>([
    ["?id.", ["ZADD", "k", "INCR", 1, "m"], 1],
    ["?id.", ["ZADD", "k", "NX", "incr", 1, "m"], 1],
    ["?id.", ["ZADD", "k", 1, "INCR"], "1"],
    ["?id.", ["ZADD", "k", 1, "INCR", 2, "m"], "1"],
    ["?cd.", ["ZPOPMIN", "k", 2], 1],
    ["?cd.", ["ZPOPMIN", "k"], "1"],
    ["?sd.", ["ZRANGE", "k", 0, 1, "WITHSCORES"], 1],
    ["?sd.", ["ZRANGE", "WITHSCORES", 0, 1], "1"],
    ["?nd.", ["ZDIFF", 1, "WITHSCORES"], "1"],
    ["?nd.", ["ZDIFF", 2, "a", "b", "WITHSCORES"], 1],
  ])("tells by %s what %j asks for", (code, command, expected) => {
    expect(read(code, "1", command)).toBe(expected);
  });

  it.each<[string, Reply]>([
    ["d", "one"],
    ["d", ["1"]],
    ["*d", "1"],
    ["%.", ["a"]],
    ["{}", 5],
    ["=.d", ["a"]],
    ["(t)", [["0"]]],
  ])("refuses by %s a reply that is not of its form: %o", (code, reply) => {
    expect(() => read(code, reply)).toThrow(ProtocolError);
  });
});
