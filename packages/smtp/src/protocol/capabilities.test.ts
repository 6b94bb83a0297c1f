import { expect, test } from "vitest";
import { parseCapabilities } from "./capabilities.ts";

const parse = (...lines: string[]): ReturnType<typeof parseCapabilities> =>
  parseCapabilities({ code: 250, enhanced: undefined, lines });

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
  expect(offered).toMatchObject({
    name: "mx.example",
    size: true,
    maxSize: 35_882_577,
    pipelining: true,
    starttls: true,
    smtpUtf8: true,
    auth: ["LOGIN", "PLAIN", "XOAUTH2"],
  });
  expect([...offered.keywords]).toEqual(["SIZE", "8BITMIME", "AUTH", "PIPELINING", "STARTTLS", "SMTPUTF8"]);
});

test("offers nothing that was not said", () => {
  expect(parse("STARTTLS AUTH PIPELINING")).toMatchObject({
    starttls: false,
    pipelining: false,
    auth: [],
    size: false,
  });
  expect(parse("a", "SIZE")).toMatchObject({ size: true, maxSize: undefined });
  expect(parse("a", "SIZE 0")).toMatchObject({ size: true, maxSize: undefined });
  expect(parse("a", "SIZE 1e9")).toMatchObject({ size: true, maxSize: undefined });
  expect(parse("a", "XSTARTTLS", "AUTHX PLAIN", "AUTH <b>PLAIN</b>")).toMatchObject({ starttls: false, auth: [] });
});
