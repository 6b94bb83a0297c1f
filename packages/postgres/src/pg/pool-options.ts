// What a Pool takes, and what becomes of it.

import type { Client } from "./client.ts";
import type { ClientConfig } from "./parameters.ts";

/** A Client that is lent. */
export interface PoolClient extends Client {
  /** Gives it back, once; with an error or `true` it is closed instead. */
  release(error?: Error | boolean): void;
}

/** Makes the clients of a pool. */
export interface ClientClass {
  // oxlint-disable-next-line typescript/no-explicit-any -- a class of the user's, with a config of its own
  new (config?: any): Client;
}

/** What `new Pool()` takes; the rest is for its Clients. Times are in milliseconds unless they say otherwise. */
export interface PoolConfig extends ClientConfig {
  /** Default 10. */
  max?: number | undefined;
  /** How many are kept however long they are idle. Default 0. */
  min?: number | undefined;
  /** Default 10,000; 0 for ever. */
  idleTimeoutMillis?: number | undefined | null;
  /** Whether idle connections let a process end. */
  allowExitOnIdle?: boolean | undefined;
  maxUses?: number | undefined;
  maxLifetimeSeconds?: number | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any -- what is told is for people
  log?: ((...messages: any[]) => void) | undefined;
  Client?: ClientClass | undefined;
  /** Runs on a new connection, before it is lent. */
  // oxlint-disable-next-line typescript/no-explicit-any -- so that a Pool passes for one of @types/pg
  onConnect?: ((client: any) => unknown) | undefined;
  /** Whether a new connection will do. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  verify?: ((client: any, done: (error?: Error) => void) => void) | undefined;
}

/** What has become of {@link PoolConfig}. */
export interface PoolOptions extends PoolConfig {
  max: number;
  min: number;
  maxUses: number;
  allowExitOnIdle: boolean;
  maxLifetimeSeconds: number;
  idleTimeoutMillis: number | null;
}

/** What `connect()` calls. */
export type PoolConnectCallback = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;
