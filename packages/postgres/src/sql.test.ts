// What a template comes to, without a server.

import { expect, test } from "vitest";
import { buildStatement, Helper } from "./sql.ts";

function build(strings: readonly string[], ...values: readonly unknown[]): ReturnType<typeof buildStatement> {
  return buildStatement({ strings, values });
}

test("values are parameters, and never part of the text", () => {
  const run = (a: unknown, b: unknown): unknown => build`select ${a} where x = ${b}`;
  for (const [a, b] of [
    [1, "'; drop table x"],
    [null, undefined],
    [[], [1, 2]],
    [{}, new Date(0)],
  ])
    expect(run(a, b)).toEqual({ text: "select $1 where x = $2", values: [a, b] });
});

test("one place in the source may be a value now and a helper then", () => {
  const run = (it: unknown): unknown => build`select ${it}`;
  expect(run("name")).toEqual({ text: "select $1", values: ["name"] });
  expect(run(new Helper("name", []))).toEqual({ text: 'select "name"', values: [] });
  expect(run("name")).toEqual({ text: "select $1", values: ["name"] });
});

test("strings that somebody changes are read as they are", () => {
  const strings = ["select ", ""];
  expect(build(strings, 1).text).toBe("select $1");
  strings[0] = "select 1 + ";
  expect(build(strings, 1).text).toBe("select 1 + $1");
});
