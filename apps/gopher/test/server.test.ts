// The client against a real server (Gophernicus), on Node and in workerd.

import type {} from "@landline/services/provided";
import { expect, inject, test } from "vitest";
import { Gopher } from "../src/gopher.ts";

const address = inject("gopher");

test("reads menus and texts, more at once than there are connections", async () => {
  await using gopher = new Gopher(address);
  const menu = await gopher.menu();
  expect(menu.filter(({ type }) => type !== "i").map(({ type, selector }) => type + selector)).toEqual([
    "0/hello.txt",
    "1/docs",
    "0/nothing.txt",
    "hURL:https://example.com/?a=1&b=2",
    "9/bytes.bin",
  ]);
  const texts = await Promise.all(Array.from({ length: 12 }, () => gopher.text("/docs/one.txt")));
  expect(new Set(texts)).toEqual(new Set(["Document one."]));
  expect(await gopher.text("/hello.txt")).toContain("\n.A line that begins with a dot.\n");
  expect((await gopher.text("/long.txt")).length).toBeGreaterThan(700_000);
});

test("what the server does not have is its error", async () => {
  await using gopher = new Gopher(address);
  await expect(gopher.menu("/nowhere/")).rejects.toMatchObject({ name: "GopherError", outcome: "refused" });
});

test("a signal ends the wait", async () => {
  await using gopher = new Gopher(address);
  await expect(gopher.menu("", { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});

test("a server that is not there is told as that", async () => {
  await using gopher = new Gopher("localhost:1");
  await expect(gopher.menu()).rejects.toMatchObject({ name: "ConnectError", outcome: "unsent" });
});
