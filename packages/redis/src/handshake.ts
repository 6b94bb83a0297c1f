// Makes an authenticated session out of a fresh Transport: HELLO (redis.io/commands/hello) with the login, alone and
// first; RESP2 and AUTH only where the server does not know HELLO. A refused login is never tried again in another way.

import { ClosedError, ProtocolError } from "@landline/core";
import type { Transport } from "@landline/core";
import { RedisError } from "./errors.ts";
import { ReplyDecoder } from "./protocol/decoder.ts";
import { encodeCommand } from "./protocol/encoder.ts";
import { DEFAULT_FORMAT } from "./protocol/messages.ts";
import type { Argument, Command, Reply } from "./protocol/messages.ts";
import type { SessionFacts } from "./session.ts";

const NO_HELLO = /^NOPROTO\b|^ERR unknown command/i;
/** Replies of a handshake are small. */
const LIMITS = { maxFrameBytes: 64 * 1024, maxElements: 4096, maxDepth: 16 };

/** Who logs in, and what the session begins with. */
export interface HandshakeOptions {
  /** Default: RESP3, and RESP2 where the server does not know it. */
  readonly protocol?: 2 | 3 | undefined;
  /** Default: the user `default`. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** The number of the database. Default 0. */
  readonly database?: number | undefined;
  /** The connection's name in CLIENT LIST. */
  readonly clientName?: string | undefined;
}

/**
 * Logs in and sets up the session; pulls from `transport`, and leaves it ready for `receive()`.
 * @throws RedisError with the server's code when it refuses the login or the database.
 * @throws ClosedError when the server hangs up.
 * @throws ProtocolError when what answers is not Redis.
 */
export async function handshake(transport: Transport, options: HandshakeOptions): Promise<SessionFacts> {
  const dialogue = new Dialogue(transport);
  const { protocol, database = 0, clientName } = options;
  let facts = protocol === 2 ? undefined : await hello(dialogue, options);
  const rest: Command[] = [];
  if (facts === undefined) {
    facts = await login(dialogue, options);
    if (clientName !== undefined) rest.push(["CLIENT", "SETNAME", clientName]);
  }
  if (database !== 0) rest.push(["SELECT", database]);
  if (rest.length > 0) {
    const replies = await dialogue.ask(rest);
    for (const [index, reply] of replies.entries()) accept(reply, rest[index]?.[0]);
  }
  return facts;
}

/** RESP3, or `undefined` where the server does not know it and `options` allow RESP2. */
async function hello(dialogue: Dialogue, options: HandshakeOptions): Promise<SessionFacts | undefined> {
  const { username = "default", password = "", clientName } = options;
  const args: Argument[] = [3];
  if (wantsLogin(options)) args.push("AUTH", username, password);
  if (clientName !== undefined) args.push("SETNAME", clientName);
  const [reply] = await dialogue.ask([["HELLO", ...args]]);
  if (reply instanceof RedisError && options.protocol !== 3 && NO_HELLO.test(reply.message)) return undefined;
  const told = accept(reply, "HELLO");
  if (!(told instanceof Map) || told.get("proto") !== 3)
    throw new ProtocolError("the server answered HELLO 3 without speaking RESP3");
  return {
    protocol: 3,
    server: word(told.get("server")),
    version: word(told.get("version")),
    id: number(told.get("id")),
  };
}

/** RESP2. Without a login nothing is asked: the first command will tell. */
async function login(dialogue: Dialogue, options: HandshakeOptions): Promise<SessionFacts> {
  const { username, password = "" } = options;
  if (wantsLogin(options)) {
    const [reply] = await dialogue.ask([username === undefined ? ["AUTH", password] : ["AUTH", username, password]]);
    accept(reply, "AUTH");
  }
  return { protocol: 2, server: undefined, version: undefined, id: undefined };
}

function wantsLogin({ username, password }: HandshakeOptions): boolean {
  return username !== undefined || password !== undefined;
}

function accept(reply: Reply | undefined, command: string | undefined): Reply | undefined {
  if (!(reply instanceof RedisError)) return reply;
  reply.command = command;
  throw reply;
}

function word(value: Reply | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: Reply | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Question and answer, one flight at a time. */
class Dialogue {
  #transport: Transport;
  #decoder = new ReplyDecoder(LIMITS);

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async ask(commands: readonly Command[]): Promise<readonly Reply[]> {
    for (const command of commands) encodeCommand(command, this.#transport);
    const replies: Reply[] = [];
    const sink = { format: DEFAULT_FORMAT, reply: (value: Reply) => void replies.push(value), push: () => {} };
    while (replies.length < commands.length || !this.#decoder.idle) {
      const chunk = await this.#transport.pull();
      if (chunk === undefined) throw hungUp(commands[0]?.[0]);
      this.#decoder.push(chunk, sink);
    }
    if (replies.length > commands.length) throw new ProtocolError("the server answered more than it was asked");
    return replies;
  }
}

function hungUp(command = ""): ClosedError {
  const hint = command === "HELLO" ? "; if it is a proxy that does not know HELLO, set protocol: 2" : "";
  return new ClosedError(`the server closed the connection instead of answering ${command}${hint}`, {
    code: "CONNECTION_LOST",
    outcome: "unsent",
  });
}
