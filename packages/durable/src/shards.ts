// Which of several objects a session goes to: the less busy one of two that are drawn. How busy they are, they say with each
// reply. Plain numbers of the isolate, which requests may share; no I/O.

import type { Attributes } from "@landline/core";
import { poolStub, type LocationHint, type PoolNamespace } from "./binding.ts";

/** Which objects make up a pool. */
export interface ShardOptions {
  /** Which pool of the namespace. Default `"pool"`. */
  readonly name?: string | undefined;
  /** How many objects the pool is spread over. Each has `max` connections of its own. Default 1. */
  readonly shards?: number | undefined;
  /** A part of the objects' names: where the database is. Default: the `locationHint`. */
  readonly region?: string | undefined;
  /** A part of the objects' names: another number makes new objects, which are placed anew. Default 1. */
  readonly generation?: number | undefined;
  /** Where new objects are placed: near the database. Heeded when a name is used for the first time ever. */
  readonly locationHint?: LocationHint | undefined;
}

/** A shard, and the way to it. */
export interface Shard {
  readonly index: number;
  /** The name of its object. */
  readonly name: string;
  /** A stub of its object; it belongs to the I/O context that asks for it. */
  stub(): unknown;
}

/** For messages. */
export interface Caller {
  readonly name: string;
  readonly binding: string;
}

const DEFAULT_NAME = "pool";
const MOST_SHARDS = 10_000;
/** What a shard has said counts half after so many milliseconds. */
const HALF_LIFE = 1_000;
/** What one call of our own on its way counts, against a shard all of whose connections are lent. */
const CALL_LOAD = 0.1;

/** What is known of a shard: what it has said, our own calls on their way, and when. All of it counts less with time. */
interface Load {
  told: number;
  calls: number;
  at: number;
}

/** Most pools of one namespace whose load is remembered; then all of it is forgotten. */
const MOST_POOLS = 100;
/**
 * By the namespace and the names. Of the isolate: a client is made for each request, and would know nothing of the load else.
 */
const known = new WeakMap<PoolNamespace, Map<string, Load[]>>();

/** The shards of one pool, as one isolate sees them. */
export class Shards {
  readonly all: readonly Shard[];
  /** What is told of the pool: where its server is, only its objects know. */
  readonly attributes: Attributes;
  readonly #loads: Load[];

  /** @throws TypeError when the binding or an option is not valid. */
  constructor(namespace: PoolNamespace, options: ShardOptions, caller: Caller) {
    // A binding's methods are not its own properties, and one that is not configured is undefined.
    const given = namespace as PoolNamespace | undefined;
    if (typeof given?.idFromName !== "function" || typeof given.get !== "function")
      throw new TypeError(
        `${caller.name}() takes the binding of a Durable Object namespace, such as ${caller.binding}`,
      );
    const names = shardNames(options);
    const { locationHint } = options;
    this.attributes = { "landline.pool.name": options.name ?? DEFAULT_NAME };
    this.all = names.map((name, index) => ({ index, name, stub: () => poolStub(namespace, { name, locationHint }) }));
    this.#loads = loadsOf(namespace, names);
  }

  /** The less busy one of two. `except`: not this one, where there are others. */
  pick(except?: Shard, random: () => number = Math.random): Shard {
    const { all } = this;
    const candidates = except === undefined || all.length === 1 ? all : all.filter((shard) => shard !== except);
    const first = candidates[Math.floor(random() * candidates.length)] as Shard;
    if (candidates.length === 1) return first;
    const others = candidates.filter((shard) => shard !== first);
    const second = others[Math.floor(random() * others.length)] as Shard;
    return this.#load(second) < this.#load(first) ? second : first;
  }

  /** A call to a shard has begun. Returns what to call at its end, with what the shard says of its load. */
  begin({ index }: Shard): (load?: number) => void {
    const record = this.#loads[index] as Load;
    const begun = age(record);
    record.calls++;
    // A request that ends in the midst of a call never says so: it is forgotten with time.
    return (load) => {
      const now = age(record);
      record.calls = Math.max(0, record.calls - left(now - begun));
      if (load !== undefined) record.told = load;
    };
  }

  #load({ index }: Shard): number {
    const record = this.#loads[index] as Load;
    age(record);
    return record.told + record.calls * CALL_LOAD;
  }
}

/** What is left of a load after so many ms. */
function left(ms: number): number {
  return 0.5 ** (ms / HALF_LIFE);
}

/** Brings a record to the present, and returns that. */
function age(record: Load): number {
  const now = Date.now();
  if (now > record.at) {
    const share = left(now - record.at);
    record.told *= share;
    record.calls *= share;
    record.at = now;
  }
  return now;
}

function loadsOf(namespace: PoolNamespace, names: readonly string[]): Load[] {
  let pools = known.get(namespace);
  if (pools === undefined || pools.size > MOST_POOLS) known.set(namespace, (pools = new Map()));
  const key = `${names[0]} ${names.length}`;
  let loads = pools.get(key);
  if (loads === undefined) pools.set(key, (loads = names.map(() => ({ told: 0, calls: 0, at: 0 }))));
  return loads;
}

/** The names of a pool's objects. @throws TypeError when an option is not valid. */
function shardNames({
  name = DEFAULT_NAME,
  shards = 1,
  locationHint,
  region = locationHint,
  generation = 1,
}: ShardOptions): string[] {
  if (typeof name !== "string" || name === "") throw new TypeError("name must be a string that is not empty");
  if (!Number.isInteger(shards) || shards < 1 || shards > MOST_SHARDS)
    throw new TypeError(`shards must be a whole number from 1 to ${MOST_SHARDS}`);
  if (region !== undefined && (typeof region !== "string" || !/^[\w-]+$/.test(region)))
    throw new TypeError("region must be a word");
  if (!Number.isInteger(generation) || generation < 1) throw new TypeError("generation must be a whole number from 1");
  // One object goes by the plain name, so that a pool that is not spread is easy to find.
  if (shards === 1 && region === undefined && generation === 1) return [name];
  return Array.from({ length: shards }, (_, index) => `${name}/${region ?? "any"}/g${generation}/${index}`);
}
