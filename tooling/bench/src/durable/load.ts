// A load generator in a process of its own: requests to one Worker, either by so many callers, each of which waits for its
// answer, or at a rate, whatever comes back. Latencies at a rate count from when a request was due, not from when it left. HTTP
// by hand: node:http takes as long for a request as workerd does, on the same machine.

import { connect, type Socket } from "node:net";

/** One round. */
export interface Load {
  readonly url: string;
  readonly ms: number;
  /** Callers that wait. Or: */
  readonly callers?: number;
  /** Requests per second. */
  readonly rate?: number;
  /** At a rate: every so manyth request goes here instead, and is not counted. */
  readonly aside?: { readonly url: string; readonly each: number };
  /** Milliseconds after which an answer is of no use. */
  readonly deadline?: number;
}

/** What came of it. */
export interface Loaded {
  /** Answers with status 200, within the deadline. */
  readonly good: number;
  readonly bad: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly firstError: string | undefined;
}

process.on("disconnect", () => process.exit());
process.on("message", (load: Load) => {
  if (!("url" in load)) return void process.send?.("ready");
  void run(load).then((loaded) => process.send?.(loaded));
});

async function run({ url, ms, callers, rate, aside, deadline = Infinity }: Load): Promise<Loaded> {
  const times: number[] = [];
  let bad = 0;
  let firstError: string | undefined;
  const start = performance.now();
  const end = start + ms;
  const one = async (to: string, due: number, counts: boolean): Promise<void> => {
    const error = await ask(to);
    const took = performance.now() - due;
    if (!counts) return;
    if (error === undefined && took <= deadline) times.push(took);
    else {
      bad++;
      firstError ??= error ?? "too late";
    }
  };
  if (callers !== undefined) {
    const caller = async (): Promise<void> => {
      while (performance.now() < end) await one(url, performance.now(), true);
    };
    await Promise.all(Array.from({ length: callers }, caller));
  } else if (rate !== undefined) {
    const all: Promise<void>[] = [];
    const gap = 1_000 / rate;
    for (let sent = 0; start + sent * gap < end;) {
      const now = performance.now();
      for (; start + sent * gap <= now && start + sent * gap < end; sent++) {
        const slow = aside !== undefined && sent % aside.each === aside.each - 1;
        all.push(one(slow ? aside.url : url, start + sent * gap, !slow));
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(all);
  }
  const elapsedMs = performance.now() - start;
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  return { good: times.length, bad, elapsedMs, p50Ms: at(0.5), p99Ms: at(0.99), firstError };
}

const NO_ANSWER = 30_000;
const HEAD_END = "\r\n\r\n";
/** Connections that wait for a next request, by URL. */
const idle = new Map<string, Connection[]>();

/** Why it is of no use, or nothing. */
async function ask(url: string): Promise<string | undefined> {
  const waiting = idle.get(url) ?? [];
  idle.set(url, waiting);
  let connection = waiting.pop();
  // The server closes those that are idle for long.
  while (connection?.alive === false) connection = waiting.pop();
  connection ??= new Connection(url);
  const answer = await connection.ask();
  if (connection.alive) waiting.push(connection);
  return answer;
}

/** One connection, and one request at a time: a GET whose answer tells its length. */
class Connection {
  readonly #socket: Socket;
  readonly #request: string;
  #text = "";
  #answer: ((why: string | undefined) => void) | undefined;
  alive = true;

  constructor(url: string) {
    const { hostname, port, pathname, search, host } = new URL(url);
    this.#request = `GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}${HEAD_END}`;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true }).setEncoding("latin1");
    this.#socket.on("data", (text: string) => this.#take(text));
    this.#socket.on("error", (error) => this.#end(String(error)));
    this.#socket.on("close", () => this.#end("the connection was closed"));
    this.#socket.setTimeout(NO_ANSWER, () => this.#socket.destroy());
  }

  ask(): Promise<string | undefined> {
    this.#socket.write(this.#request);
    return new Promise((resolve) => (this.#answer = resolve));
  }

  #take(text: string): void {
    this.#text += text;
    const head = this.#text.indexOf(HEAD_END);
    if (head < 0) return;
    const length = /^content-length: *(\d+)/im.exec(this.#text.slice(0, head))?.[1];
    const body = this.#text.slice(head + HEAD_END.length);
    if (length === undefined) return void this.#socket.destroy(new Error("an answer of unknown length"));
    if (body.length < Number(length)) return;
    const good = this.#text.startsWith("HTTP/1.1 200 ");
    this.#text = "";
    this.#settle(good ? undefined : body.slice(0, 200));
  }

  #end(why: string): void {
    this.alive = false;
    this.#settle(why);
  }

  #settle(why: string | undefined): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(why);
  }
}
