// Which of several hosts is taken, with logins that are made up.

import { ConnectError, LandlineError } from "@landline/core";
import { expect, test } from "vitest";
import { PostgresError } from "./errors.ts";
import { firstHost } from "./hosts.ts";
import { parseOptions } from "./options.ts";

const down = new ConnectError("refused", { code: "CONNECT_REFUSED", outcome: "unsent" });
const fatal = (code: string): PostgresError =>
  new PostgresError({ severity: "FATAL", code, message: "no" } as never, { outcome: "refused" });
const server = (in_hot_standby: string, default_transaction_read_only = "off"): object => ({
  in_hot_standby,
  default_transaction_read_only,
});
const primary = server("off");
const standby = server("on");

/** Which host is taken, with the order in which they were asked; closed ones are marked. */
async function take(servers: Record<string, object | Error>, options: string): Promise<string> {
  const asked: string[] = [];
  const settings = parseOptions(`host=${Object.keys(servers).join()} user=u ${options}`);
  try {
    const { settings: at } = await firstHost(settings, Date.now() + 10_000, ({ address: { hostname } }) => {
      asked.push(hostname);
      const found = servers[hostname];
      if (found instanceof Error) return Promise.reject(found);
      const parameters = new Map(Object.entries(found as Record<string, string>));
      return Promise.resolve({
        transport: { close: () => asked.push(`${hostname} closed`) },
        greeting: { parameters },
      });
    });
    return `${asked.join()} -> ${at.address.hostname}`;
  } catch (error) {
    return `${asked.join()} -> ${error instanceof LandlineError ? error.code : String(error)}`;
  }
}

test.each<[string, Record<string, object | Error>, string, string]>([
  ["the first that is there", { a: down, b: primary, c: primary }, "", "a,b -> b"],
  ["none", { a: down, b: down }, "", "a,b -> CONNECT_FAILED"],
  ["one that starts up is passed over", { a: fatal("57P03"), b: primary }, "", "a,b -> b"],
  ["one that is full, too", { a: fatal("53300"), b: primary }, "", "a,b -> b"],
  ["a wrong password is not tried elsewhere", { a: fatal("28P01"), b: primary }, "", "a -> 28P01"],
  ["the primary", { a: standby, b: primary }, "target_session_attrs=primary", "a,a closed,b -> b"],
  ["a standby", { a: primary, b: standby }, "target_session_attrs=standby", "a,a closed,b -> b"],
  [
    "one to write to",
    { a: server("off", "on"), b: standby, c: primary },
    "target_session_attrs=read-write",
    "a,a closed,b,b closed,c -> c",
  ],
  ["one to read from", { a: primary, b: server("off", "on") }, "target_session_attrs=read-only", "a,a closed,b -> b"],
  ["a standby, else anything", { a: primary, b: down }, "target_session_attrs=prefer-standby", "a,a closed,b,a -> a"],
  [
    "a standby before a primary",
    { a: primary, b: standby },
    "target_session_attrs=prefer-standby",
    "a,a closed,b -> b",
  ],
  ["none of the kind", { a: standby }, "target_session_attrs=primary", "a,a closed -> CONNECT_FAILED"],
  ["one that does not tell", { a: {} }, "target_session_attrs=primary", "a,a closed -> CONNECT_FAILED"],
])("%s", async (_name, servers, options, expected) => {
  expect(await take(servers, options)).toBe(expected);
});

test("in random order, each comes first some time, and all are asked", async () => {
  const first = new Set<string>();
  for (let round = 0; round < 200; round++) {
    const order = (await take({ a: down, b: down, c: down }, "load_balance_hosts=random")).split(" ")[0]!.split(",");
    expect(order.toSorted()).toEqual(["a", "b", "c"]);
    first.add(order[0]!);
  }
  expect(first.size).toBe(3);
});

test("what was said by each is told, and by when each had to answer", async () => {
  const shares: number[] = [];
  const settings = parseOptions("host=a,b,c port=1,2,3 user=u");
  const start = Date.now();
  const failing = firstHost(settings, start + 9_000, (_, by) => {
    shares.push(by - start);
    return Promise.reject(down);
  });
  await expect(failing).rejects.toMatchObject({ message: /a:1: refused; b:2: refused; c:3: refused/, cause: down });
  expect(shares[0]).toBeLessThan(3_100);
  expect(shares[2]).toBeGreaterThan(8_900);
});
