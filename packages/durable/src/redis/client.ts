// durableRedis(): the client of @landline/redis, over the connections of a pool object.

import { ContextLocal } from "@landline/core/pool";
import type { Redis, RedisOptions, ShapeOf } from "@landline/redis";
import { Connection, createClient, settingsOf, type OpenSession, type SessionFacts } from "@landline/redis/wire";
import type { PoolNamespace } from "../binding.ts";
import { Channel } from "../channel.ts";
import { reviveError } from "../error-data.ts";
import { Shards, type ShardOptions } from "../shards.ts";
import { redisErrors } from "./errors.ts";
import { RemotePipe } from "./remote-pipe.ts";
import { RemoteTransport } from "./remote-transport.ts";
import { RPC_VERSION, type RemoteLease, type RemoteSession } from "./rpc.ts";

/** Options of {@link durableRedis}. All times are in milliseconds. */
export interface DurableRedisOptions
  extends ShardOptions, Pick<RedisOptions, "bytes" | "integers" | "commandTimeout" | "observe"> {}

/** What the object is given to do its own waiting, before its answer counts as missing. */
const GRACE = 5_000;
const DEFAULT_COMMAND_TIMEOUT = 5_000;
const LONGEST = 0x7fff_ffff;

/**
 * A Redis client whose connections a Durable Object keeps. Does nothing until the first command, so that it may be made at
 * module scope.
 *
 * @throws TypeError when the binding or an option is not valid.
 *
 * @example
 * const kv = durableRedis(env.KV);
 * await kv.set("greeting", "hello", "EX", 60);
 */
export function durableRedis<const O extends DurableRedisOptions = DurableRedisOptions>(
  binding: PoolNamespace,
  options?: O,
): Redis<ShapeOf<O>> {
  const {
    bytes,
    integers,
    commandTimeout = DEFAULT_COMMAND_TIMEOUT,
    observe,
    ...places
  } = (options ?? {}) as DurableRedisOptions;
  const shards = new Shards(binding, places, { name: "durableRedis", binding: "env.KV" });
  const settings = settingsOf({
    hostname: "pool-object",
    commandTimeout,
    ...(bytes === undefined ? {} : { bytes }),
    ...(integers === undefined ? {} : { integers }),
    ...(observe === undefined ? {} : { observe }),
    // Leases are the object's to count; here they are given back as soon as nothing needs them.
    pool: { max: 1_000, idleTimeout: 0 },
  });
  const timeout = Math.min(commandTimeout, LONGEST);
  const channels = new ContextLocal(() => new Channel<RemoteSession>(shards, RPC_VERSION));
  const open: OpenSession = async (_signal, { subscriber = false, ...more }) => {
    const channel = channels.get();
    if (!subscriber && more.onPush !== undefined) {
      return new RemotePipe((commands, count) =>
        channel.call(timeout + GRACE, (session) => session.run(commands, count, timeout)),
      );
    }
    const reply = await channel.call(timeout + GRACE, (session) => session.lease(timeout, subscriber));
    if (reply.error !== undefined) throw reviveError(reply.error, redisErrors);
    const remote = new RemoteTransport(reply.lease as RemoteLease, reply.readable as ReadableStream, channel);
    return new Connection(remote.transport, { id: undefined, ...reply.facts } as SessionFacts, {
      ...settings.connection,
      ...more,
      subscriber,
    });
  };
  return createClient({ ...settings, attributes: shards.attributes }, open) as unknown as Redis<ShapeOf<O>>;
}
