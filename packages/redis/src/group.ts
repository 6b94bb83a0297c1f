// A consumer of a stream's group as an async iterator: first what it was given before and has not acknowledged, then what
// others have abandoned, then what is new. The next entries are asked for when the last ones have been taken. At least once:
// what is not acknowledged comes again, here or at another consumer.

import { isLandlineError } from "@landline/core";
import { RedisError } from "./errors.ts";
import type { Argument, Reply } from "./protocol/messages.ts";

/** How many times in a row a lost connection is got over. */
const MOST_LOSSES = 3;

/** Options of `group()`. All times are in milliseconds. */
export interface GroupOptions {
  /** How many entries are asked for at once. Default 10. */
  readonly count?: number;
  /** How long one read waits for new entries before the next. Default 5,000. */
  readonly block?: number;
  /** Takes over entries that another consumer has held for so long without acknowledging them. Default: none. */
  readonly claimIdle?: number;
  /** Makes the group, and the stream, where there is none: from `"$"` (what is new) or `"0"` (all) on. Default: does not. */
  readonly create?: string;
}

/** An entry of a stream, to be acknowledged once it has been dealt with. */
export interface Entry<F> {
  readonly id: string;
  readonly fields: F;
  /** Tells the group that it has been dealt with. */
  ack(): Promise<void>;
}

/** What a consumer needs of a client. Replies are those of the methods of the same names. */
export interface GroupCommands {
  xgroup(...args: Argument[]): Promise<unknown>;
  xreadgroup(...args: Argument[]): Promise<unknown>;
  xautoclaim(...args: Argument[]): Promise<unknown>;
  xack(...args: Argument[]): Promise<unknown>;
}

type Raw = readonly [id: string | Uint8Array, fields: readonly Reply[] | null];
type Fields = Record<string, Reply> | Map<Reply, Reply>;

const decoder = new TextDecoder();

/** Yields the entries of `stream` that are given to `consumer`. */
export async function* consume(
  kv: GroupCommands,
  [stream, group, consumer]: readonly [Argument, Argument, Argument],
  { count = 10, block = 5_000, claimIdle, create }: GroupOptions,
): AsyncGenerator<Entry<Fields>, void, undefined> {
  if (create !== undefined) await makeGroup(kv, [stream, group, create]);
  const read = async (id: string, ...options: Argument[]): Promise<readonly Raw[]> =>
    rawOf(await kv.xreadgroup("GROUP", group, consumer, "COUNT", count, ...options, "STREAMS", stream, id));
  /** Those that were yielded and not acknowledged: they do not come twice to the same iterator. */
  const open = new Set<string>();
  /** Where the reading of its own old entries is; `undefined` once they are through. */
  let own: string | undefined = "0";
  let claimAt = 0;
  let losses = 0;
  const next = async (): Promise<readonly Raw[]> => {
    if (own !== undefined) {
      const old = await read(own);
      const last = old.at(-1);
      own = last === undefined ? undefined : textOf(last[0]);
      return old;
    }
    if (claimIdle !== undefined && Date.now() >= claimAt) {
      const claimed = (await kv.xautoclaim(stream, group, consumer, claimIdle, "0", "COUNT", count)) as [
        unknown,
        Raw[],
      ];
      if (claimed[1].length < count) claimAt = Date.now() + claimIdle;
      if (claimed[1].length > 0) return claimed[1];
    }
    const wait = claimIdle === undefined ? block : Math.min(block, Math.max(1, claimAt - Date.now()));
    return read(">", "BLOCK", wait);
  };
  for (;;) {
    let entries: readonly Raw[];
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next are asked for when these have been taken
      entries = await next();
      losses = 0;
    } catch (error) {
      if (!isLost(error) || ++losses > MOST_LOSSES) throw error;
      // What a lost reply held has been given to this consumer all the same.
      own = "0";
      continue;
    }
    for (const [rawId, fields] of entries) {
      const id = textOf(rawId);
      const ack = async (): Promise<void> => {
        await kv.xack(stream, group, id);
        open.delete(id);
      };
      if (open.has(id)) continue;
      if (fields === null) {
        // It has been deleted from the stream, and only its place in the list of the pending is left.
        // oxlint-disable-next-line no-await-in-loop -- rare
        await ack();
        continue;
      }
      open.add(id);
      yield { id, fields: fieldsOf(fields), ack };
    }
  }
}

async function makeGroup(kv: GroupCommands, [stream, group, from]: readonly Argument[]): Promise<void> {
  try {
    await kv.xgroup("CREATE", stream as Argument, group as Argument, from as Argument, "MKSTREAM");
  } catch (error) {
    if (!(error instanceof RedisError) || error.code !== "BUSYGROUP") throw error;
  }
}

function isLost(error: unknown): boolean {
  return isLandlineError(error) && error.code === "CONNECTION_LOST";
}

/** The entries of the one stream in a reply. */
function rawOf(reply: unknown): readonly Raw[] {
  if (reply === null) return [];
  const [entries = []] = reply instanceof Map ? [...reply.values()] : Object.values(reply as object);
  return entries as readonly Raw[];
}

function fieldsOf(items: readonly Reply[]): Fields {
  const pairs = new Map<Reply, Reply>();
  for (let index = 0; index < items.length; index += 2) pairs.set(items[index] as Reply, items[index + 1] as Reply);
  return typeof items[0] === "string" ? (Object.fromEntries(pairs) as Record<string, Reply>) : pairs;
}

function textOf(id: string | Uint8Array): string {
  return typeof id === "string" ? id : decoder.decode(id);
}
