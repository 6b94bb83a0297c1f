// A Lua script that is sent once: afterwards its SHA-1 stands for it (EVALSHA), until the server has forgotten it.

import { RedisError } from "./errors.ts";

const UNKNOWN = "NOSCRIPT No matching script";

/** A script for `run()`. Made by {@link script}. */
export class Script {
  readonly source: string;
  /** Changes nothing: the server holds it to that, and it may be sent again when its reply was lost. */
  readonly readonly: boolean;
  #sha: string | undefined;

  constructor(source: string, readonly: boolean) {
    if (typeof source !== "string" || source === "") throw new TypeError("a script is a text that is not empty");
    this.source = source;
    this.readonly = readonly;
  }

  /** What the server knows it by. Kept as a value: a promise would belong to the request of a Worker that made it. */
  async sha(): Promise<string> {
    if (this.#sha !== undefined) return this.#sha;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(this.source)));
    this.#sha = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return this.#sha;
  }
}

/**
 * A Lua script for `run()`. Does nothing by itself, and may be made at module scope. With `readonly: true` it goes by
 * EVAL_RO, which servers know from version 7.0 on.
 * @example
 * const take = script("return redis.call('INCRBY', KEYS[1], ARGV[1])");
 * await kv.run(take, ["counter"], [5]);
 */
export function script(source: string, { readonly = false }: { readonly readonly?: boolean } = {}): Script {
  return new Script(source, readonly);
}

/** Whether the server did not know a script, and so has not begun to run it. */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof RedisError && error.message.startsWith(UNKNOWN);
}
