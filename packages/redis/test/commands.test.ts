// Every command with a described reply, against the real server: RESP2 and RESP3 give the same, and what the types say,
// as text and as bytes.

import { describe, expect, inject, it } from "vitest";
import { redis } from "../src/index.ts";
import { REPLIES } from "./generated/replies.ts";
import { hasShape } from "./reply-shape.ts";
import { EXCUSED, SAMPLES } from "./samples.ts";

const { redis: server } = inject("services");
const TEXT = { bytes: false, integers: "number" } as const;
const BYTES = { bytes: true, integers: "bigint" } as const;
/** A database for each, so that they meet the same keys. */
const CLIENTS = [
  { name: "RESP3", database: 8, protocol: 3, format: TEXT },
  { name: "RESP2", database: 9, protocol: 2, format: TEXT },
  { name: "RESP3 in bytes", database: 10, protocol: 3, format: BYTES },
  { name: "RESP2 in bytes", database: 11, protocol: 2, format: BYTES },
] as const;

interface Sample {
  readonly line: string;
  readonly steady: boolean;
  readonly method: string;
  readonly args: readonly string[];
}

function samplesOf(text: string): Sample[] {
  const lines = text.split(/[|\n]/).map((line) => line.trim());
  return lines
    .filter((line) => line !== "")
    .map((line) => {
      const [method = "", ...args] = line.replace(/^~/, "").split(" ");
      return { line, steady: !line.startsWith("~"), method, args };
    });
}

function nameOf({ method, args }: Sample): string {
  const [first = ""] = args;
  const subcommand = `${method} ${first}`.toUpperCase();
  return subcommand in REPLIES ? subcommand : method.toUpperCase();
}

type Method = (...args: readonly string[]) => Promise<unknown>;

describe.each(Object.entries(SAMPLES))("%s", (_group, text) => {
  it("have one form in both protocols, which is that of their types", async () => {
    const prefix = `samples:${crypto.randomUUID()}:`;
    const samples = samplesOf(text);
    const told = await Promise.all(
      CLIENTS.map(async ({ database, protocol, format }) => {
        await using kv = redis(`${server.url}/${database}`, { protocol, ...format });
        const replies: unknown[] = [];
        for (const { method, args } of samples) {
          const words = args.map((word) => word.replace("@", prefix));
          const run = (kv as unknown as Readonly<Record<string, Method>>)[method]!;
          replies.push(await run.call(kv, ...words).catch((error: unknown) => error));
        }
        return replies;
      }),
    );
    const wrong = samples.flatMap((sample, index) => {
      const replies = told.map((of) => of[index]);
      const shapes = REPLIES[nameOf(sample)]?.shapes ?? ["any"];
      const fits = replies.map(
        (reply, which) =>
          !(reply instanceof Error) && shapes.some((shape) => hasShape(reply, shape, CLIENTS[which]!.format)),
      );
      const [text3, text2, bytes3, bytes2] = replies;
      const same = !sample.steady || (equal(text3, text2) && equal(bytes3, bytes2));
      if (same && !fits.includes(false)) return [];
      return [
        `${sample.line}: ${CLIENTS.map(({ name }, which) => `${name} ${fits[which]} ${show(replies[which])}`).join("; ")}`,
      ];
    });
    expect(wrong.join("\n")).toBe("");
  });
});

function equal(one: unknown, other: unknown): boolean {
  return show(one) === show(other);
}

it("leaves out no command without a reason", () => {
  const sampled = Object.values(SAMPLES).flatMap((text) => samplesOf(text).map(nameOf));
  const excused = Object.values(EXCUSED).flatMap((text) => text.trim().split(/\s+/));
  const known = new Set([...sampled, ...excused.map((name) => name.replace("/", " ").toUpperCase())]);
  expect(Object.keys(REPLIES).filter((name) => !known.has(name))).toEqual([]);
  expect(excused.filter((name) => !(name.replace("/", " ").toUpperCase() in REPLIES))).toEqual([]);
});

function show(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "bigint") return `${item}n`;
    if (item instanceof Error) return item.message;
    if (item instanceof Uint8Array) return `bytes ${new TextDecoder().decode(item)}`;
    return item instanceof Map ? [...item] : item;
  });
  return String(text);
}
