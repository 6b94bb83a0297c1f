// The load on Redis: every GET asks for a key that nobody else has the value of, and every write is an INCR, which the
// server would count twice if it were sent twice.

import { redis, RedisError, type Redis } from "@landline/redis";
import { aborter, type Load, type LoadOptions, settle } from "./postgres.ts";
import { Ledger, type Verdict, WrongAnswer } from "./watch.ts";
import { pick } from "./weather.ts";

const DEADLINE = 10_000;
const KNOWN_KEYS = 500;
const TOGETHER = 3;
const LARGE = 100_000;

/** See the head of the file. */
export class RedisLoad implements Load {
  readonly #options: LoadOptions;
  readonly #kv: Redis;
  readonly #increments = new Ledger();
  readonly #transactions = new Ledger();
  #number = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#kv = redis({
      url: options.url,
      connectTimeout: 2_000,
      commandTimeout: 3_000,
      ...tlsOf(options),
    });
  }

  async prepare(): Promise<void> {
    await this.#directly(async (kv) => {
      const batch = kv.pipeline();
      for (let key = 0; key < KNOWN_KEYS; key++) batch.set(`${this.#options.name}:known:${key}`, `value:${key}`);
      await batch.exec();
    });
  }

  async step(): Promise<void> {
    await pick(this.#options.random, [
      [30, () => this.#get()],
      [10, () => this.#burst()],
      [20, () => this.#increment()],
      [10, () => this.#abortedIncrement()],
      [5, () => this.#hurried()],
      [10, () => this.#pipeline()],
      [12, () => this.#transaction()],
      [3, () => this.#large()],
      [5, () => this.#refused()],
    ])();
  }

  /** Every connection is killed, as an administrator or a full output buffer does it. */
  async strike(): Promise<void> {
    await this.#directly((kv) => kv.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"));
  }

  async end(): Promise<void> {
    await this.#options.watch.call(`redis ${this.#options.name} end`, DEADLINE, () => this.#kv.end());
  }

  async reckon(): Promise<void> {
    const { watch } = this.#options;
    const read = async (kv: Redis, prefix: string, length: number): Promise<Map<number, number>> => {
      const found = new Map<number, number>();
      for (let from = 0; from < length; from += 1_000) {
        const ids = Array.from({ length: Math.min(1_000, length - from) }, (_, index) => from + index);
        const [first, ...rest] = ids.map((id) => `${this.#options.name}:${prefix}:${id}`);
        if (first === undefined) continue;
        const values = await kv.mget(first, ...rest);
        for (const [index, value] of values.entries()) if (value !== null) found.set(from + index, Number(value));
      }
      return found;
    };
    await this.#directly(async (kv) => {
      settle(
        this.#increments,
        await read(kv, "once", this.#increments.length),
        1,
        `redis ${this.#options.name} increment`,
        watch,
      );
      const parts = await Promise.all(
        Array.from({ length: TOGETHER }, (_, part) => read(kv, `part${part}`, this.#transactions.length)),
      );
      const sums = new Map<number, number>();
      for (const part of parts) for (const [id, value] of part) sums.set(id, (sums.get(id) ?? 0) + value);
      settle(this.#transactions, sums, TOGETHER, `redis ${this.#options.name} transaction`, watch);
    });
  }

  #get(): Promise<unknown> {
    const key = Math.floor(this.#options.random() * KNOWN_KEYS);
    return this.#call("get", async () =>
      same(await this.#kv.get(`${this.#options.name}:known:${key}`), `value:${key}`),
    );
  }

  #burst(): Promise<unknown> {
    return Promise.all(Array.from({ length: 30 }, () => this.#get()));
  }

  async #increment(): Promise<void> {
    await this.#once("increment", (key) => this.#kv.incr(key));
  }

  async #abortedIncrement(): Promise<void> {
    const abort = aborter(this.#options.random, 10);
    await this.#once("aborted increment", (key) => this.#kv.with({ signal: abort.signal }).incr(key));
    abort.clear();
  }

  async #hurried(): Promise<void> {
    await this.#once("hurried increment", (key) =>
      this.#kv.with({ timeout: 1 + this.#options.random() * 10 }).incr(key),
    );
  }

  async #once(name: string, increment: (key: string) => Promise<unknown>): Promise<void> {
    const id = this.#increments.next();
    this.#increments.set(
      id,
      await this.#call(name, async () => same(await increment(`${this.#options.name}:once:${id}`), 1)),
    );
  }

  #pipeline(): Promise<unknown> {
    const numbers = Array.from({ length: 20 }, () => ++this.#number);
    return this.#call("pipeline", async () => {
      const batch = this.#kv.pipeline();
      for (const number of numbers) batch.call("ECHO", `echo ${number}`);
      const answers: readonly unknown[] = await batch.exec();
      for (const [index, number] of numbers.entries()) same(answers[index], `echo ${number}`);
    });
  }

  async #transaction(): Promise<void> {
    const id = this.#transactions.next();
    const verdict = await this.#call("multi", async () => {
      const batch = this.#kv.multi();
      for (let part = 0; part < TOGETHER; part++) batch.incr(`${this.#options.name}:part${part}:${id}`);
      const answers: readonly unknown[] = await batch.exec();
      if (answers.length !== TOGETHER) throw new WrongAnswer(`multi: ${answers.length} answers`);
      for (const answer of answers) same(answer, 1);
    });
    this.#transactions.set(id, verdict);
  }

  #large(): Promise<unknown> {
    const text = `${++this.#number},`.repeat(LARGE / 10);
    return this.#call("large", async () => same(await this.#kv.call("ECHO", text), text));
  }

  #refused(): Promise<unknown> {
    return this.#call("wrong type", async () => {
      await this.#kv.incr(`${this.#options.name}:known:1`);
      throw new WrongAnswer("an increment of text was taken");
    });
  }

  #call(name: string, start: () => Promise<unknown>): Promise<Verdict> {
    return this.#options.watch.call(`redis ${this.#options.name} ${name}`, DEADLINE, start);
  }

  async #directly(work: (kv: Redis) => Promise<unknown>): Promise<void> {
    const kv = redis({ url: this.#options.directUrl, commandTimeout: 20_000, ...tlsOf(this.#options) });
    try {
      await work(kv);
    } finally {
      await kv.end();
    }
  }
}

function tlsOf({ ca }: LoadOptions): { ca?: string } {
  return ca === undefined ? {} : { ca };
}

function same(answer: unknown, expected: unknown): void {
  if (answer === expected) return;
  if (answer instanceof RedisError) throw answer;
  throw new WrongAnswer(
    `the answer is another's: ${String(answer).slice(0, 40)} in place of ${String(expected).slice(0, 40)}`,
  );
}
