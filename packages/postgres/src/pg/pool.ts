// The Pool: pg-pool's surface, events and words over Clients. On Workers its state is kept per I/O context, because a socket
// belongs to the request that opened it: a Pool at module scope lends each request connections of its own.

import { ContextLocal } from "@landline/core/pool";
import { Client } from "./client.ts";
import type { QueryMethod } from "./client-types.ts";
import { emit, emitError, EventEmitter, guarded, type Listener } from "./emitter.ts";
import type { ClientClass, PoolClient, PoolConfig, PoolConnectCallback, PoolOptions } from "./pool-options.ts";
import type { QueryCallback } from "./query.ts";

interface Idle {
  readonly client: PoolClient;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
}

interface Waiter {
  callback: PoolConnectCallback;
  timedOut: boolean;
}

/** The connections of one I/O context. */
interface Scope {
  clients: PoolClient[];
  readonly idle: Idle[];
  readonly waiting: Waiter[];
  readonly expired: WeakSet<Client>;
  readonly uses: WeakMap<Client, number>;
  readonly onIdleError: WeakMap<Client, Listener>;
}

const DEFAULT_IDLE_TIMEOUT = 10_000;
const nothing = (): void => {};

/** A pool of Clients. Emits `connect`, `acquire`, `release`, `remove` and `error`. */
export class Pool extends EventEmitter {
  static {
    // Libraries tell a pool by its class's name, which minification would take.
    Object.defineProperty(Pool, "name", { value: "Pool" });
    Pool.prototype.query = function query(this: Pool, text: unknown, values?: unknown, callback?: QueryCallback) {
      return this.#query(text, values, callback);
    } as QueryMethod;
  }
  readonly options: PoolOptions;
  readonly log: (...messages: unknown[]) => void;
  readonly Client: ClientClass;
  readonly Promise: PromiseConstructor;
  ending = false;
  declare query: QueryMethod;
  readonly #scopes: ContextLocal<Scope>;
  #onEnd: ((error?: Error) => void) | undefined;
  #ended = false;

  constructor(config: PoolConfig = {}, clientClass: ClientClass = Client) {
    super();
    const given = config ?? {};
    const { password, ...shown } = given;
    this.options = {
      ...shown,
      max: given.max || (given as { poolSize?: number }).poolSize || 10,
      min: given.min || 0,
      maxUses: given.maxUses || Infinity,
      allowExitOnIdle: given.allowExitOnIdle || false,
      maxLifetimeSeconds: given.maxLifetimeSeconds || 0,
      idleTimeoutMillis: given.idleTimeoutMillis === undefined ? DEFAULT_IDLE_TIMEOUT : given.idleTimeoutMillis,
    };
    if ("password" in given) {
      Object.defineProperty(this.options, "password", {
        configurable: true,
        enumerable: false,
        writable: true,
        value: password,
      });
    }
    this.log = given.log ?? nothing;
    this.Client = given.Client ?? clientClass;
    this.Promise = (given.Promise as PromiseConstructor | undefined) ?? Promise;
    this.#scopes = new ContextLocal<Scope>(() => ({
      clients: [],
      idle: [],
      waiting: [],
      expired: new WeakSet(),
      uses: new WeakMap(),
      onIdleError: new WeakMap(),
    }));
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Connections, those that are being made included. */
  get totalCount(): number {
    return this.#scopes.get().clients.length;
  }

  get idleCount(): number {
    return this.#scopes.get().idle.length;
  }

  get waitingCount(): number {
    return this.#scopes.get().waiting.length;
  }

  /** Those that are over `maxLifetimeSeconds`, and will be closed when they come back. */
  get expiredCount(): number {
    const { clients, expired } = this.#scopes.get();
    return clients.filter((client) => expired.has(client)).length;
  }

  /** @internal As pg-pool has it, for tests and tools that look. */
  get _clients(): PoolClient[] {
    return this.#scopes.get().clients;
  }

  /** @internal */
  get _idle(): Idle[] {
    return this.#scopes.get().idle;
  }

  /** @internal */
  get _pendingQueue(): Waiter[] {
    return this.#scopes.get().waiting;
  }

  /** Lends a Client. Give it back with `client.release()`. */
  connect(): Promise<PoolClient>;
  connect(callback: PoolConnectCallback): void;
  connect(callback?: PoolConnectCallback): Promise<PoolClient> | void {
    if (callback !== undefined) return this.#connect(callback);
    return new this.Promise((resolve, reject) => {
      this.#connect((error, client) => (client === undefined ? reject(error) : resolve(client)));
    });
  }

  #connect(callback: PoolConnectCallback): void {
    if (this.ending) return refuse(callback, "Cannot use a pool after calling end on the pool");
    const scope = this.#scopes.get();
    const waiter: Waiter = { callback, timedOut: false };
    if (!this.#isFull(scope) && scope.idle.length === 0) return this.#newClient(scope, waiter);
    this.#bound(scope, waiter);
    scope.waiting.push(waiter);
    if (scope.idle.length > 0) queueMicrotask(() => this.#pulse(scope));
  }

  #bound(scope: Scope, waiter: Waiter): void {
    const { connectionTimeoutMillis } = this.options;
    if (!connectionTimeoutMillis) return;
    const { callback } = waiter;
    const timer = setTimeout(() => {
      waiter.timedOut = true;
      take(scope.waiting, waiter);
      guarded(() => refuse(callback, "timeout exceeded when trying to connect"));
    }, connectionTimeoutMillis);
    unref(timer);
    waiter.callback = (error, client, done) => {
      clearTimeout(timer);
      callback(error, client, done);
    };
  }

  #isFull({ clients }: Scope): boolean {
    return clients.length >= this.options.max;
  }

  #isAboveMin({ clients }: Scope): boolean {
    return clients.length > this.options.min;
  }

  #pulse(scope: Scope): void {
    this.log("pulse queue");
    if (this.#ended) return;
    if (this.ending) {
      for (const { client } of [...scope.idle]) this.#remove(scope, client);
      if (scope.clients.length > 0) return;
      this.#ended = true;
      guarded(() => this.#onEnd?.());
      return;
    }
    const [waiter] = scope.waiting;
    if (waiter === undefined || (scope.idle.length === 0 && this.#isFull(scope))) return;
    scope.waiting.shift();
    const idle = scope.idle.pop();
    if (idle === undefined) return this.#newClient(scope, waiter);
    clearTimeout(idle.timer);
    idle.client.ref?.();
    this.#lend(scope, idle.client, waiter, false);
  }

  #newClient(scope: Scope, waiter: Waiter): void {
    const { connectionTimeoutMillis, onConnect } = this.options;
    const client = new this.Client(this.options) as PoolClient;
    scope.clients.push(client);
    scope.onIdleError.set(client, this.#idleErrorListener(scope, client));
    let timedOut = false;
    const timer = connectionTimeoutMillis
      ? setTimeout(() => {
          this.log("ending client due to timeout");
          timedOut = true;
          client.connection.stream.destroy();
        }, connectionTimeoutMillis)
      : undefined;
    this.log("connecting new client");
    const connected = (error: Error | null | undefined): void => {
      clearTimeout(timer);
      this.#listen(scope, client);
      if (error) {
        this.log("client failed to connect", error);
        // The client has the same deadline, and may be the first to notice.
        const late = timedOut || (connectionTimeoutMillis && error.message === "timeout expired");
        const why = late ? new Error("Connection terminated due to connection timeout", { cause: error }) : error;
        return this.#failed(scope, client, waiter, why);
      }
      this.log("new client connected");
      if (onConnect === undefined) return this.#connected(scope, client, waiter);
      new Promise((resolve) => resolve(onConnect(client))).then(
        () => this.#connected(scope, client, waiter),
        (why: Error) => client.end(() => this.#failed(scope, client, waiter, why)),
      );
    };
    (client.connect as (callback: typeof connected) => void)(connected);
  }

  #failed(scope: Scope, client: PoolClient, waiter: Waiter, error: Error): void {
    scope.clients = scope.clients.filter((other) => other !== client);
    this.#pulse(scope);
    if (!waiter.timedOut) guarded(() => waiter.callback(error, undefined, nothing));
  }

  #connected(scope: Scope, client: PoolClient, waiter: Waiter): void {
    const { maxLifetimeSeconds } = this.options;
    if (maxLifetimeSeconds !== 0) {
      const timer = setTimeout(() => {
        this.log("ending client due to expired lifetime");
        scope.expired.add(client);
        const idle = scope.idle.find((each) => each.client === client);
        if (idle === undefined) return;
        take(scope.idle, idle);
        clearTimeout(idle.timer);
        this.#lend(scope, client, { callback: (_error, _client, release) => release(), timedOut: false }, false);
      }, maxLifetimeSeconds * 1000);
      unref(timer);
      client.once("end", () => clearTimeout(timer));
    }
    this.#lend(scope, client, waiter, true);
  }

  #lend(scope: Scope, client: PoolClient, waiter: Waiter, isNew: boolean): void {
    const { verify } = this.options;
    if (isNew) emit(this, "connect", client);
    emit(this, "acquire", client);
    let released = false;
    client.release = (error) => {
      if (released) throw new Error("Release called on client which has already been released to the pool.");
      released = true;
      this.#release(scope, client, error);
    };
    client.removeListener("error", scope.onIdleError.get(client) as Listener);
    const hand = (): void => {
      if (waiter.timedOut) client.release();
      else guarded(() => waiter.callback(undefined, client, client.release));
    };
    if (!isNew || verify === undefined) return hand();
    guarded(() =>
      verify(client, (error) => {
        if (!error) return hand();
        client.release(error);
        if (!waiter.timedOut) waiter.callback(error, undefined, nothing);
      }),
    );
  }

  #release(scope: Scope, client: PoolClient, error: Error | boolean | undefined): void {
    const { maxUses, idleTimeoutMillis, allowExitOnIdle } = this.options;
    this.#listen(scope, client);
    const uses = (scope.uses.get(client) ?? 0) + 1;
    scope.uses.set(client, uses);
    emit(this, "release", error, client);
    const unusable = client._queryable === false || client._ending === true;
    if (error || this.ending || unusable || uses >= maxUses || scope.expired.has(client)) {
      scope.expired.delete(client);
      return this.#remove(scope, client, () => this.#pulse(scope));
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (idleTimeoutMillis && this.#isAboveMin(scope)) {
      timer = setTimeout(() => {
        if (!this.#isAboveMin(scope)) return;
        this.log("remove idle client");
        this.#remove(scope, client, () => this.#pulse(scope));
      }, idleTimeoutMillis);
      if (allowExitOnIdle) unref(timer);
    }
    if (allowExitOnIdle) client.unref?.();
    scope.idle.push({ client, timer });
    this.#pulse(scope);
  }

  /** What goes wrong with a Client that nobody has is the pool's to tell. */
  #idleErrorListener(scope: Scope, client: PoolClient): Listener {
    const listener = (error: Error): void => {
      (error as { client?: Client }).client = client;
      client.removeListener("error", listener);
      client.on("error", (further) => this.log("additional client error after disconnection due to error", further));
      this.#remove(scope, client, () => this.#pulse(scope));
      emitError(this, error, client);
    };
    return listener;
  }

  #listen(scope: Scope, client: PoolClient): void {
    client.on("error", scope.onIdleError.get(client) as Listener);
  }

  #remove(scope: Scope, client: PoolClient, then: () => void = nothing): void {
    const idle = scope.idle.find((each) => each.client === client);
    if (idle !== undefined) {
      clearTimeout(idle.timer);
      take(scope.idle, idle);
    }
    scope.clients = scope.clients.filter((other) => other !== client);
    client.end(() => {
      emit(this, "remove", client);
      then();
    });
  }

  #query(text: unknown, values: unknown, callback: QueryCallback | undefined): unknown {
    const done = typeof values === "function" ? (values as QueryCallback) : callback;
    const parameters = typeof values === "function" ? undefined : (values as readonly unknown[]);
    if (done !== undefined) return this.#run(text, parameters, done);
    return new this.Promise((resolve, reject) => {
      this.#run(text, parameters, (error: unknown, result) => (error ? reject(error) : resolve(result)));
    });
  }

  #run(text: unknown, values: readonly unknown[] | undefined, callback: QueryCallback): void {
    if (typeof text === "function") {
      const error = new Error("Passing a function as the first parameter to pool.query is not supported");
      return queueMicrotask(() => guarded(() => (text as QueryCallback)(error)));
    }
    this.#connect((error, client) => {
      if (client === undefined) return callback(error);
      let over = false;
      const finish = (failure: Error | null, result?: unknown): void => {
        if (over) return;
        over = true;
        client.removeListener("error", finish);
        client.release(failure as Error);
        if (failure) callback(failure);
        else callback(undefined, result);
      };
      client.once("error", finish);
      this.log("dispatching query");
      try {
        client.query(text as string, values as readonly unknown[], (failure: Error | null, result) => {
          this.log("query dispatched");
          finish(failure, result);
        });
      } catch (failure) {
        finish(failure as Error);
      }
    });
  }

  /** Lends no more, and closes every Client as soon as it is back. */
  end(): Promise<void>;
  end(callback: (error?: Error) => void): void;
  end(callback?: (error?: Error) => void): Promise<void> | void {
    if (callback !== undefined) return this.#end(callback);
    return new this.Promise((resolve, reject) => this.#end((error) => (error ? reject(error) : resolve())));
  }

  #end(callback: (error?: Error) => void): void {
    if (this.ending) return callback(new Error("Called end on pool more than once"));
    this.ending = true;
    this.#onEnd = callback;
    this.#pulse(this.#scopes.get());
  }
}

/** With an error alone, as node-postgres calls back who has been given nothing. */
function refuse(callback: PoolConnectCallback, message: string): void {
  (callback as (error: Error) => void)(new Error(message));
}

function take<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}

/** On Node a timer keeps the process; elsewhere it is a number, or belongs to a request. */
function unref(timer: ReturnType<typeof setTimeout>): void {
  (timer as { unref?: () => void }).unref?.();
}
