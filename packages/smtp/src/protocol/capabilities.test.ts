import { expect, test } from "vitest";
import { parseCapabilities } from "./capabilities.ts";

const parse = (...lines: string[]): ReturnType<typeof parseCapabilities> => parseCapabilities(lines);

test("reads what servers print", () => {
  const offered = parse(
    "mx.example at your service",
    "SIZE 35882577",
    "8bitmime",
    "AUTH LOGIN plain XOAUTH2",
    "AUTH=LOGIN PLAIN",
    "PIPELINING",
    "StartTLS",
    "SMTPUTF8",
  );
  expect(offered).toMatchObject({ maxSize: 35_882_577, auth: ["LOGIN", "PLAIN", "XOAUTH2"] });
  expect([...offered.keywords]).toEqual(["SIZE", "8BITMIME", "AUTH", "PIPELINING", "STARTTLS", "SMTPUTF8"]);
});

test("offers nothing that was not said", () => {
  expect(parse("STARTTLS AUTH PIPELINING")).toEqual({ maxSize: Infinity, auth: [], keywords: new Set() });
  for (const size of ["SIZE", "SIZE 0", "SIZE 1e9"])
    expect(parse("a", size)).toEqual({ maxSize: Infinity, auth: [], keywords: new Set(["SIZE"]) });
  const { auth, keywords } = parse("a", "XSTARTTLS", "AUTHX PLAIN", "AUTH <b>PLAIN</b>");
  expect(auth).toEqual([]);
  expect(keywords.has("STARTTLS")).toBe(false);
});
