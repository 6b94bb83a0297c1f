import { lines, ScriptedPeer, transportPair } from "@landline/core/testing";
import { expect, test } from "vitest";
import { ask, parseMenu, request } from "./gopher.ts";

test("asks for a menu and reads it, whatever the chunks", async () => {
  const [client, server] = await transportPair({ chunkBytes: 3 });
  const peer = new ScriptedPeer(server, lines);
  const answer = ask(client, request("/docs", "moles"));
  await peer.expect("/docs\tmoles");
  peer.send("iFound\t\terror.host\t1", "0One\t/one\ta.example\t70", "not an item", ".");
  expect(parseMenu(await answer).map(({ type, title }) => type + title)).toEqual(["iFound", "0One"]);
});

test("an error item is an error, and an answer without an end has one all the same", async () => {
  const [client, server] = await transportPair();
  const answer = ask(client, request("/none"));
  server.write(new TextEncoder().encode("3Nothing there\terror\terror.host\t1"));
  server.end();
  await expect(answer).rejects.toMatchObject({ name: "GopherError", outcome: "refused" });
});

test("a selector is one line", () => {
  expect(() => request("/a\r\n/b")).toThrow(TypeError);
});
