// A pool at module scope of a Worker: each request has its own connections, a Durable Object keeps them.

import { exports } from "cloudflare:workers";
import { expect, inject, test } from "vitest";
import { dial } from "../src/index.ts";
import type { Socket } from "../src/index.ts";

const { blackHole, echo } = inject("peers");

interface Answer {
  readonly answers?: readonly string[];
  readonly told?: Readonly<Record<string, string>>;
  readonly error?: string;
  readonly made?: number;
}

async function ask(query: string): Promise<Answer> {
  const response = await exports.default.fetch(`http://worker/?port=${echo}&${query}`);
  return (await response.json()) as Answer;
}

test("it works on every request, one after the other, each with a connection of its own", async () => {
  const { made = 0 } = await ask("say=x");
  for (let index = 1; index < 5; index++) {
    expect(await ask(`say=${index}-`)).toEqual({ answers: [`${index}-0`], made: made + index });
  }
});

test("it works with many requests alive at once, each with its own connections", async () => {
  const requests = Array.from({ length: 40 }, async (_, index) => {
    const { answers, error } = await ask(`say=${index}-&times=5`);
    expect(error).toBeUndefined();
    expect(answers).toEqual([0, 1, 2, 3, 4].map((time) => `${index}-${time}`));
  });
  await Promise.all(requests);
});

test("requests that take turns keep their connections, also when they are many", async () => {
  const { made: before = 0 } = await ask("say=x");
  const requests = Array.from({ length: 24 }, (_, index) => ask(`say=${index}-&turns=20`));
  const answers = await Promise.all(requests);
  expect(answers.map(({ error }) => error).filter((error) => error !== undefined)).toEqual([]);
  const after = Math.max(...answers.map(({ made = 0 }) => made));
  // One for each, and a few until the pool has noticed how many are alive at once; not one for each of the 500 turns.
  expect(after - before).toBeLessThan(24 * 4);
});

test("requests that are cut in the middle leave the others, and those that come, alone", async () => {
  const alive = Array.from({ length: 20 }, (_, index) => ask(`say=${index}-&turns=20`));
  // One ends by itself with everything of its own still going on; one is given up by its client.
  const ended = Array.from({ length: 3 }, () => ask("cut"));
  const controller = new AbortController();
  const url = `http://worker/?port=${echo}&turns=1000&say=x`;
  const givenUp = exports.default.fetch(new Request(url, { signal: controller.signal }));
  givenUp.catch(() => {});
  for (const answer of await Promise.all(ended)) expect(answer).toMatchObject({ leased: 2, waiting: 1 });
  controller.abort(new Error("the client is gone"));
  const answers = await Promise.all(alive);
  expect(answers.map(({ answers }) => answers)).toEqual(answers.map((_, index) => [`${index}-0`]));
  expect(await ask("say=after-&times=5")).toMatchObject({ answers: [0, 1, 2, 3, 4].map((time) => `after-${time}`) });
});

test("no timer runs between requests", async () => {
  await ask("brief");
  // The connection went with its request, and so did the timer that was to retire it: in the time in which the second
  // request's own one is retired, which was armed later, only that rings.
  expect(await ask("brief&wait")).toMatchObject({ rung: 1, idle: 0 });
});

test("an object whose connections have been idle for long has none, and no timer: it may hibernate", async () => {
  expect(await ask("object=quiet&brief")).toMatchObject({ after: 1, armed: 1, idle: 1 });
  const quiet = await ask("object=hushed&brief&wait");
  expect(quiet).toMatchObject({ after: 1, armed: 0, idle: 0, leased: 0, creating: 0, waiting: 0 });
});

test("many Durable Objects in one isolate, all at work at once: each has its own connections, and keeps them", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `one of many ${index}`);
  const { made: before = 0 } = await ask("say=x");
  const rounds = [0, 1, 2, 3].map(async (round) => {
    const answers = await Promise.all(names.map((name) => ask(`object=${name}&say=${name}-${round}-&turns=5&times=3`)));
    expect(answers.map(({ answers }) => answers)).toEqual(
      names.map((name) => [0, 1, 2].map((time) => `${name}-${round}-${time}`)),
    );
  });
  await Promise.all(rounds);
  const { made: after = 0 } = await ask("object=one of many 0&say=x");
  // Two at most for each object, whatever the rounds.
  expect(after - before).toBeLessThanOrEqual(2 * names.length);
});

test("a Durable Object keeps its connections from request to request, and leaves those of another alone", async () => {
  const first = await ask("object=a&say=x");
  const again = await ask("object=a&say=y");
  expect(again).toEqual({ answers: ["y0"], made: first.made });
  const other = await ask("object=b&say=z");
  expect(other).toEqual({ answers: ["z0"], made: (first.made ?? 0) + 1 });
  expect(await ask("object=a&say=x")).toEqual({ answers: ["x0"], made: other.made });
});

/** What a transport tells a request, or an object, that has not made it. */
const FOREIGN = { pulled: "ClosedError FOREIGN_REQUEST unsent", received: "ClosedError FOREIGN_REQUEST unsent" };

test("a transport that a request before has made says so at once, and no write of it throws", async () => {
  await ask("keep");
  expect(await ask("kept")).toEqual({ told: FOREIGN });
});

test("a transport of a request that is still alive says so too", async () => {
  const alive = ask("keep&hold");
  await ask("until-kept");
  expect(await ask("kept")).toEqual({ told: FOREIGN });
  await alive;
});

test("a transport of another Durable Object says so too", async () => {
  await ask("object=keeps&keep");
  expect(await ask("object=takes&kept")).toEqual({ told: FOREIGN });
});

test("a connection to a service that is bound to the Worker is a transport like any other", async () => {
  const transport = await dial("any.example:7", {
    connect: (address) => exports.default.connect(`${address.hostname}:${address.port}`) as Socket,
  });
  transport.write(new TextEncoder().encode("over a binding"));
  let back = "";
  while (back.length < 14) back += new TextDecoder().decode(await transport.pull({ timeout: 5_000 }));
  expect(back).toBe("over a binding");
  expect(transport.info.runtime).toBe("custom");
  expect((await transport.close()).reason).toBe("local");
});

test("four connections are in the making at a time, and all of them come about", async () => {
  expect(await ask("dials=20")).toEqual({ most: 4, came: 20 });
});

test("a dial that waits for its turn has its deadline, and gives its place up", async () => {
  const hole = { hostname: "127.0.0.1", port: blackHole };
  const stuck = Array.from({ length: 4 }, () => dial(hole, { connectTimeout: 400 }));
  const waiting = dial(hole, { connectTimeout: 100 });
  await expect(waiting).rejects.toMatchObject({ code: "TIMEOUT", outcome: "unsent" });
  await expect(waiting).rejects.toThrow("waiting for other connections");
  const controller = new AbortController();
  const aborted = dial(hole, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(aborted).rejects.toThrow("enough");
  await Promise.allSettled(stuck);
  const transport = await dial({ hostname: "localhost", port: echo });
  expect((await transport.close()).reason).toBe("local");
});
