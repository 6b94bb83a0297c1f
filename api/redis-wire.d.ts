// What @landline/redis/wire declares to the public, made by `pnpm api`.

import { Attributes } from "@landline/core";
import { ByteWriter } from "@landline/core/bytes";
import { Connector } from "@landline/core";
import { Deadline } from "@landline/core";
import { LandlineError } from "@landline/core";
import { Observer } from "@landline/core";
import { Outcome } from "@landline/core";
import { PoolOptions } from "@landline/core/pool";
import { SocketAddress } from "@landline/core";
import { TlsOptions } from "@landline/core";
import { Transport } from "@landline/core";

declare function createClient(settings: Settings, open: OpenSession): Redis;

declare function factsOf([name, first]: Command): CommandFacts | undefined;

declare class CommandFacts {
    #private;
    readonly name: string;
    readonly readonly: boolean;
    readonly blocking: Blocking | undefined;
    readonly container: boolean;
    readonly careful: boolean;
    constructor(line: string);
    get reply(): ReplyShape | undefined;
}

declare function logIn(settings: Settings, signal: AbortSignal): Promise<Login>;

interface Login {
    readonly transport: Transport;
    readonly facts: SessionFacts;
}

interface OpenOptions extends ConnectionOptions {
    readonly tracking?: boolean;
}

type OpenSession = (signal: AbortSignal, options: OpenOptions) => Promise<OwnSession>;

declare function settingsOf(target: string | RedisOptions, more?: RedisOptions): Settings;

interface Settings {
    readonly address: SocketAddress;
    readonly tls: "on" | "off";
    readonly tlsOptions: TlsOptions;
    readonly connect: Connector | undefined;
    readonly observe: Observer | undefined;
    readonly attributes?: Attributes | undefined;
    readonly connectTimeout: number;
    readonly commandTimeout: number;
    readonly handshake: HandshakeOptions;
    readonly credentials: (() => Credentials | Promise<Credentials>) | undefined;
    readonly failFast: boolean;
    readonly cache: MakeCache | undefined;
    readonly maxWaiting: number | undefined;
    readonly connection: ConnectionOptions;
    readonly pool: PoolOptions;
    readonly format: ReplyFormat;
}

declare function blockingTime(command: Command, facts: CommandFacts | undefined): number | undefined;

declare function refuseUnshareable(command: Command, facts: CommandFacts | undefined, where: Where): void;

declare function handshake(transport: Transport, options: HandshakeOptions): Promise<SessionFacts>;

interface HandshakeOptions {
    readonly protocol?: 2 | 3 | undefined;
    readonly username?: string | undefined;
    readonly password?: string | undefined;
    readonly database?: number | undefined;
    readonly clientName?: string | undefined;
}

declare class Connection implements OwnSession {
    #private;
    readonly facts: SessionFacts;
    constructor(transport: Transport, facts: SessionFacts, options?: ConnectionOptions);
    get alive(): boolean;
    get busy(): boolean;
    get congested(): boolean;
    exchange(flight: Flight): void;
    abandon(flight: Flight): void;
    whenRoom(room: () => void): void;
    release(): Promise<void>;
    abort(reason: unknown): void;
    hangUp(reason: unknown): void;
}

declare const NO_PUSHES: RedisError;

interface ConnectionOptions {
    readonly maxInFlight?: number | undefined;
    readonly stallTimeout?: number | undefined;
    readonly limits?: Partial<DecoderLimits> | undefined;
    readonly decoder?: MakeDecoder | undefined;
    readonly onPush?: ((items: readonly Reply[]) => void) | undefined;
    readonly pushFormat?: ReplyFormat | undefined;
    readonly subscriber?: boolean | undefined;
    readonly onLost?: (() => void) | undefined;
}

declare abstract class Flight {
    #private;
    readonly commands: readonly Command[];
    readonly format: ReplyFormat;
    readonly attributes: OnAttributes;
    readonly confirms?: Confirmations;
    left: number;
    over: boolean;
    tries: number;
    line: Line | undefined;
    session: Session | undefined;
    deadline: Deadline | undefined;
    refusal: RedisError | undefined;
    settled: (() => void) | undefined;
    protected readonly resolve: Resolve;
    protected readonly reject: Reject;
    constructor(commands: readonly Command[], format: ReplyFormat, resolve: Resolve, reject: Reject, attributes?: OnAttributes);
    get repeatable(): boolean;
    get plain(): boolean;
    protected abstract take(value: Reply, inexact: RedisError | undefined): void;
    reply(value: Reply, inexact: RedisError | undefined): void;
    fail(error: unknown): void;
    end(error: unknown): void;
}

interface OwnSession extends Session {
    readonly busy: boolean;
    hangUp(reason: unknown): void;
}

interface Session {
    readonly facts: SessionFacts;
    readonly alive: boolean;
    readonly congested: boolean;
    exchange(flight: Flight): void;
    abandon(flight: Flight): void;
    whenRoom(room: () => void): void;
    release(): Promise<void>;
}

interface SessionFacts {
    readonly protocol: 2 | 3;
    readonly server: string | undefined;
    readonly version: string | undefined;
    readonly id: number | bigint | string | undefined;
}

declare class ReplyDecoder implements Decoder {
    #private;
    constructor(limits?: Partial<DecoderLimits>, pushFormat?: ReplyFormat);
    get idle(): boolean;
    push(chunk: Uint8Array, sink: ReplySink): void;
}

declare function checkArguments(command: readonly unknown[]): asserts command is Command;

declare function encodeCommand(command: Command, out: FrameWriter): void;

interface FrameWriter {
    readonly writer: ByteWriter;
    write(bytes: Uint8Array): void;
}

declare const DEFAULT_FORMAT: ReplyFormat;

declare const DEFAULT_LIMITS: DecoderLimits;

type Argument = string | number | bigint | Uint8Array;

type Command = readonly [name: string, ...args: Argument[]];

interface DecoderLimits {
    readonly maxFrameBytes: number;
    readonly maxDepth: number;
    readonly maxElements: number;
}

type Reply = string | number | bigint | boolean | null | Uint8Array | RedisError | readonly Reply[] | ReadonlyMap<Reply, Reply>;

interface ReplyFormat {
    readonly bytes: boolean;
    readonly integers: "number" | "bigint" | "string";
}

interface ReplySink {
    readonly format: ReplyFormat;
    reply(value: Reply, inexact: RedisError | undefined): void;
    push(items: readonly Reply[]): void;
    attribute?(attributes: ReadonlyMap<Reply, Reply>): void;
}

type Any<T> = T[];

interface Batch<S extends Shape, Q extends readonly unknown[]> extends Commands<S, Q> {
    readonly length: number;
    call(name: string, ...args: Argument[]): Batch<S, [...Q, Reply]>;
    run(script: Script, keys?: readonly Key[], args?: readonly Argument[]): Batch<S, [...Q, Reply]>;
    exec(): Promise<Results<Q>>;
}

type Blocking = "b" | "f" | "m" | "k";

interface CallOptions extends FormatOptions {
    readonly timeout?: number;
    readonly signal?: AbortSignal | undefined;
    readonly cacheFor?: number | undefined;
    readonly onAttributes?: ((attributes: ReadonlyMap<Reply, Reply>) => void) | undefined;
    readonly maxQueued?: number | undefined;
}

interface Commands<S extends Shape, Q> {
    acl(subcommand: "CAT", ...category: Opt<[category: Value]>): Out<S, Q, S["string"][]>;
    acl(subcommand: "DELUSER", ...username: Some<Value>): Out<S, Q, S["integer"]>;
    acl(subcommand: "DRYRUN", username: Value, command: Value, ...arg: Any<Value>): Out<S, Q, "OK" | S["string"]>;
    acl(subcommand: "GENPASS", ...bits: Opt<[bits: Numeric]>): Out<S, Q, S["string"]>;
    acl(subcommand: "GETUSER", username: Value): Out<S, Q, {
        flags: S["string"][];
        passwords: S["string"][];
        commands: S["string"];
        keys: S["string"];
        channels: S["string"];
        selectors: {
            commands: S["string"];
            keys: S["string"];
            channels: S["string"];
        }[];
    } | null>;
    acl(subcommand: "HELP"): Out<S, Q, string[]>;
    acl(subcommand: "LIST"): Out<S, Q, S["string"][]>;
    acl(subcommand: "LOAD"): Out<S, Q, "OK">;
    acl(subcommand: "LOG", ...operation: Opt<[operation: Numeric]>): Out<S, Q, {
        count: S["integer"];
        reason: S["string"];
        context: S["string"];
        object: S["string"];
        username: S["string"];
        "age-seconds": number;
        "client-info": S["string"];
        "entry-id": S["integer"];
        "timestamp-created": S["integer"];
        "timestamp-last-updated": S["integer"];
    }[] | "OK">;
    acl(subcommand: "SAVE"): Out<S, Q, "OK">;
    acl(subcommand: "SETUSER", username: Value, ...rule: Any<Value>): Out<S, Q, "OK">;
    acl(subcommand: "USERS"): Out<S, Q, S["string"][]>;
    acl(subcommand: "WHOAMI"): Out<S, Q, S["string"]>;
    append(key: Key, value: Value): Out<S, Q, S["integer"]>;
    bgrewriteaof(): Out<S, Q, S["string"]>;
    bgsave(...operation: Opt<[operation: "SCHEDULE" | "CANCEL"]>): Out<S, Q, "Background saving started" | "Background saving scheduled" | "Background saving cancelled" | "Scheduled background saving cancelled">;
    bitcount(key: Key, ...range: Opt<[start: Numeric, ...Opt<[end: Numeric, ...Opt<[unit: "BYTE" | "BIT"]>]>]>): Out<S, Q, S["integer"]>;
    bitfield(key: Key, ...operation: Opt<[
        ...OneOf<["GET", Value, Numeric] | [
            ...Opt<[overflowBlockToken: "OVERFLOW", overflowBlock: "WRAP" | "SAT" | "FAIL"]>,
            ...OneOf<["SET" | "INCRBY", Value, Numeric, Numeric]>
        ]>,
        ...Any<Value>
    ]>): Out<S, Q, (S["integer"] | null)[]>;
    bitfield_ro(key: Key, ...getBlock: Opt<[getBlockToken: "GET", encoding: Value, offset: Numeric, ...Any<Value>]>): Out<S, Q, S["integer"][]>;
    bitop(operation: "AND" | "OR" | "XOR" | "NOT", destkey: Key, ...key: Some<Key>): Out<S, Q, S["integer"]>;
    bitpos(key: Key, bit: Numeric, ...range: Opt<[start: Numeric, ...Opt<[end: Numeric, ...Opt<[unit: "BYTE" | "BIT"]>]>]>): Out<S, Q, S["integer"]>;
    blmove(source: Key, destination: Key, wherefrom: "LEFT" | "RIGHT", whereto: "LEFT" | "RIGHT", timeout: Numeric): Out<S, Q, S["string"] | null>;
    blmpop(timeout: Numeric, numkeys: Numeric, ...args: [...Some<Key>, where: "LEFT" | "RIGHT", ...Opt<[countToken: "COUNT", count: Numeric]>]): Out<S, Q, null | [S["string"], S["string"][]]>;
    blpop(...args: [...Some<Key>, timeout: Numeric]): Out<S, Q, null | [S["string"], S["string"]]>;
    brpop(...args: [...Some<Key>, timeout: Numeric]): Out<S, Q, null | [S["string"], S["string"]]>;
    brpoplpush(source: Key, destination: Key, timeout: Numeric): Out<S, Q, S["string"] | null>;
    bzmpop(timeout: Numeric, numkeys: Numeric, ...args: [...Some<Key>, where: "MIN" | "MAX", ...Opt<[countToken: "COUNT", count: Numeric]>]): Out<S, Q, null | [S["string"], [S["string"], number][]]>;
    bzpopmax(...args: [...Some<Key>, timeout: Numeric]): Out<S, Q, null | [S["string"], S["string"], number]>;
    bzpopmin(...args: [...Some<Key>, timeout: Numeric]): Out<S, Q, null | [S["string"], S["string"], number]>;
    client(subcommand: "CAPA", capability: Value): Out<S, Q, "OK">;
    client(subcommand: "GETNAME"): Out<S, Q, S["string"] | null>;
    client(subcommand: "GETREDIR"): Out<S, Q, S["integer"]>;
    client(subcommand: "HELP"): Out<S, Q, string[]>;
    client(subcommand: "ID"): Out<S, Q, S["integer"]>;
    client(subcommand: "INFO"): Out<S, Q, S["string"]>;
    client(subcommand: "KILL", ...filter: OneOf<[Value] | [
        ...OneOf<["ID" | "MAXAGE", Numeric] | ["TYPE", "normal" | "master" | "primary" | "slave" | "replica" | "pubsub"] | ["USER" | "ADDR" | "LADDR", Value] | ["SKIPME", "YES" | "NO"]>,
        ...Any<Value>
    ]>): Out<S, Q, "OK" | S["integer"]>;
    client(subcommand: "LIST", ...args: [
        ...Opt<[clientTypeToken: "TYPE", clientType: "normal" | "master" | "replica" | "pubsub"]>,
        ...Opt<[clientIdToken: "ID", clientId: Numeric, ...Any<Numeric>]>
    ]): Out<S, Q, S["string"]>;
    client(subcommand: "NO-EVICT", enabled: "ON" | "OFF"): Out<S, Q, "OK">;
    client(subcommand: "NO-TOUCH", enabled: "ON" | "OFF"): Out<S, Q, "OK">;
    client(subcommand: "PAUSE", timeout: Numeric, ...mode: Opt<[mode: "WRITE" | "ALL"]>): Out<S, Q, "OK">;
    client(subcommand: "SETINFO", ...attr: OneOf<["lib-name" | "lib-ver", Value]>): Out<S, Q, "OK">;
    client(subcommand: "SETNAME", connectionName: Value): Out<S, Q, "OK">;
    client(subcommand: "TRACKINGINFO"): Out<S, Q, {
        flags: (Word<S, "off"> | Word<S, "on"> | Word<S, "bcast"> | Word<S, "optin"> | Word<S, "optout"> | Word<S, "caching-yes"> | Word<S, "caching-no"> | Word<S, "noloop"> | Word<S, "broken_redirect">)[];
        redirect: S["integer"];
        prefixes: S["string"][];
    }>;
    client(subcommand: "UNBLOCK", clientId: Numeric, ...unblockType: Opt<[unblockType: "TIMEOUT" | "ERROR"]>): Out<S, Q, S["integer"]>;
    client(subcommand: "UNPAUSE"): Out<S, Q, "OK">;
    cluster(subcommand: "ADDSLOTS", ...slot: Some<Numeric>): Out<S, Q, "OK">;
    cluster(subcommand: "ADDSLOTSRANGE", ...args: [startSlot: Numeric, endSlot: Numeric, ...Any<Numeric>]): Out<S, Q, "OK">;
    cluster(subcommand: "BUMPEPOCH"): Out<S, Q, S["string"]>;
    cluster(subcommand: "COUNT-FAILURE-REPORTS", nodeId: Value): Out<S, Q, S["integer"]>;
    cluster(subcommand: "COUNTKEYSINSLOT", slot: Numeric): Out<S, Q, S["integer"]>;
    cluster(subcommand: "DELSLOTS", ...slot: Some<Numeric>): Out<S, Q, "OK">;
    cluster(subcommand: "DELSLOTSRANGE", ...args: [startSlot: Numeric, endSlot: Numeric, ...Any<Numeric>]): Out<S, Q, "OK">;
    cluster(subcommand: "FAILOVER", ...options: Opt<[options: "FORCE" | "TAKEOVER"]>): Out<S, Q, "OK">;
    cluster(subcommand: "FLUSHSLOTS"): Out<S, Q, "OK">;
    cluster(subcommand: "FORGET", nodeId: Value): Out<S, Q, "OK">;
    cluster(subcommand: "GETKEYSINSLOT", slot: Numeric, count: Numeric): Out<S, Q, S["string"][]>;
    cluster(subcommand: "HELP"): Out<S, Q, string[]>;
    cluster(subcommand: "INFO"): Out<S, Q, S["string"]>;
    cluster(subcommand: "KEYSLOT", key: Value): Out<S, Q, S["integer"]>;
    cluster(subcommand: "LINKS"): Out<S, Q, {
        direction: Word<S, "from"> | Word<S, "to">;
        node: S["string"];
        "create-time": S["integer"];
        events: S["string"];
        "send-buffer-allocated": S["integer"];
        "send-buffer-used": S["integer"];
    }[]>;
    cluster(subcommand: "MEET", ip: Value, port: Numeric, ...clusterBusPort: Opt<[clusterBusPort: Numeric]>): Out<S, Q, "OK">;
    cluster(subcommand: "MYID"): Out<S, Q, S["string"]>;
    cluster(subcommand: "MYSHARDID"): Out<S, Q, S["string"]>;
    cluster(subcommand: "NODES"): Out<S, Q, S["string"]>;
    cluster(subcommand: "REPLICAS", nodeId: Value): Out<S, Q, S["string"][]>;
    cluster(subcommand: "REPLICATE", nodeId: Value): Out<S, Q, "OK">;
    cluster(subcommand: "RESET", ...resetType: Opt<[resetType: "HARD" | "SOFT"]>): Out<S, Q, "OK">;
    cluster(subcommand: "SAVECONFIG"): Out<S, Q, "OK">;
    cluster(subcommand: "SET-CONFIG-EPOCH", configEpoch: Numeric): Out<S, Q, "OK">;
    cluster(subcommand: "SETSLOT", slot: Numeric, ...args: [
        ...OneOf<["IMPORTING" | "MIGRATING" | "NODE", Value] | ["STABLE"]>,
        ...Opt<[timeoutToken: "TIMEOUT", timeout: Numeric]>
    ]): Out<S, Q, "OK">;
    cluster(subcommand: "SHARDS"): Out<S, Q, {
        slots: S["integer"][];
        nodes: {
            id: S["string"];
            port: S["integer"];
            "tls-port": S["integer"];
            ip: S["string"];
            endpoint: S["string"];
            hostname: S["string"];
            role: Word<S, "master"> | Word<S, "replica">;
            "replication-offset": S["integer"];
            health: Word<S, "fail"> | Word<S, "loading"> | Word<S, "online">;
        }[];
    }[]>;
    cluster(subcommand: "SLAVES", nodeId: Value): Out<S, Q, S["string"][]>;
    cluster(subcommand: "SLOT-STATS", ...filter: OneOf<["SLOTSRANGE", Numeric, Numeric] | ["ORDERBY", Value, ...Opt<[limitToken: "LIMIT", limit: Numeric]>, ...Opt<[order: "ASC" | "DESC"]>]>): Out<S, Q, [
        S["integer"],
        {
            "key-count": S["integer"];
            "cpu-usec": S["integer"];
            "network-bytes-in": S["integer"];
            "network-bytes-out": S["integer"];
        }
    ][]>;
    cluster(subcommand: "SLOTS"): Out<S, Q, [
        S["integer"],
        S["integer"],
        [
            S["string"] | null,
            S["integer"],
            S["string"],
            {
                hostname: S["string"];
                ip: S["string"];
            }
        ],
        ...[S["string"] | null, S["integer"], S["string"], {
            hostname: S["string"];
            ip: S["string"];
        }][]
    ][]>;
    command(): Out<S, Q, Reply>;
    command(subcommand: "COUNT"): Out<S, Q, S["integer"]>;
    command(subcommand: "DOCS", ...commandName: Any<Value>): Out<S, Q, Fields<S, {
        summary: S["string"];
        since: S["string"];
        group: Word<S, "bitmap"> | Word<S, "cluster"> | Word<S, "connection"> | Word<S, "generic"> | Word<S, "geo"> | Word<S, "hash"> | Word<S, "hyperloglog"> | Word<S, "list"> | Word<S, "module"> | Word<S, "pubsub"> | Word<S, "scripting"> | Word<S, "sentinel"> | Word<S, "server"> | Word<S, "set"> | Word<S, "sorted-set"> | Word<S, "stream"> | Word<S, "string"> | Word<S, "transactions">;
        complexity: S["string"];
        module: S["string"];
        doc_flags: (Word<S, "deprecated"> | Word<S, "syscmd">)[];
        deprecated_since: S["string"];
        replaced_by: S["string"];
        history: [S["string"], S["string"]][];
        arguments: {
            name: S["string"];
            type: S["string"];
            display_text: S["string"];
            key_spec_index: S["integer"];
            token: S["string"];
            summary: S["string"];
            since: S["string"];
            deprecated_since: S["string"];
            flags: string[];
            arguments: Reply[];
        }[];
        reply_schema: Fields<S, Reply>;
        subcommands: Fields<S, Reply>;
    }>>;
    command(subcommand: "GETKEYS", command: Value, ...arg: Any<Value>): Out<S, Q, S["string"][]>;
    command(subcommand: "GETKEYSANDFLAGS", command: Value, ...arg: Any<Value>): Out<S, Q, [S["string"], string[]][]>;
    command(subcommand: "HELP"): Out<S, Q, string[]>;
    command(subcommand: "INFO", ...commandName: Any<Value>): Out<S, Q, (null | [
        S["string"],
        S["integer"],
        string[],
        S["integer"],
        S["integer"],
        S["integer"],
        string[],
        S["string"][],
        {
            notes: S["string"];
            flags: string[];
            begin_search: {
                type: S["string"];
                spec: {} | {
                    index: S["integer"];
                } | {
                    keyword: S["string"];
                    startfrom: S["integer"];
                };
            };
            find_keys: {
                type: S["string"];
                spec: {} | {
                    lastkey: S["integer"];
                    keystep: S["integer"];
                    limit: S["integer"];
                } | {
                    keynumidx: S["integer"];
                    firstkey: S["integer"];
                    keystep: S["integer"];
                };
            };
        }[],
        Reply[]
    ])[]>;
    command(subcommand: "LIST", ...filterby: Opt<[filterbyToken: "FILTERBY", ...OneOf<["MODULE" | "ACLCAT", Value] | ["PATTERN", Key]>]>): Out<S, Q, S["string"][]>;
    config(subcommand: "GET", ...parameter: Some<Value>): Out<S, Q, Fields<S>>;
    config(subcommand: "HELP"): Out<S, Q, string[]>;
    config(subcommand: "RESETSTAT"): Out<S, Q, "OK">;
    config(subcommand: "REWRITE"): Out<S, Q, "OK">;
    config(subcommand: "SET", ...args: [parameter: Value, value: Value, ...Any<Value>]): Out<S, Q, "OK">;
    copy(source: Key, destination: Key, ...args: [...Opt<[destinationDbToken: "DB", destinationDb: Numeric]>, ...Opt<[replace: "REPLACE"]>]): Out<S, Q, S["integer"]>;
    dbsize(): Out<S, Q, S["integer"]>;
    debug(): Out<S, Q, Reply>;
    decr(key: Key): Out<S, Q, S["integer"]>;
    decrby(key: Key, decrement: Numeric): Out<S, Q, S["integer"]>;
    del(...key: Some<Key>): Out<S, Q, S["integer"]>;
    dump(key: Key): Out<S, Q, S["string"] | null>;
    echo(message: Value): Out<S, Q, S["string"]>;
    eval(script: Value, numkeys: Numeric, ...args: [...Any<Value>]): Out<S, Q, Reply>;
    evalsha(sha1: Value, numkeys: Numeric, ...args: [...Any<Value>]): Out<S, Q, Reply>;
    evalsha_ro(sha1: Value, numkeys: Numeric, ...args: [...Any<Value>]): Out<S, Q, Reply>;
    eval_ro(script: Value, numkeys: Numeric, ...args: [...Any<Value>]): Out<S, Q, Reply>;
    exists(...key: Some<Key>): Out<S, Q, S["integer"]>;
    expire(key: Key, seconds: Numeric, ...condition: Opt<[condition: "NX" | "XX" | "GT" | "LT"]>): Out<S, Q, S["integer"]>;
    expireat(key: Key, unixTimeSeconds: Numeric, ...condition: Opt<[condition: "NX" | "XX" | "GT" | "LT"]>): Out<S, Q, S["integer"]>;
    expiretime(key: Key): Out<S, Q, S["integer"]>;
    failover(...args: [
        ...Opt<[targetToken: "TO", host: Value, port: Numeric, ...Opt<[force: "FORCE"]>]>,
        ...Opt<[abort: "ABORT"]>,
        ...Opt<[millisecondsToken: "TIMEOUT", milliseconds: Numeric]>
    ]): Out<S, Q, "OK">;
    fcall(functionName: Value, numkeys: Numeric, ...args: [...Any<Value>]): Out<S, Q, Reply>;
    fcall_ro(functionName: Value, numkeys: Numeric, ...args: [...Any<Value>]): Out<S, Q, Reply>;
    flushall(...flushType: Opt<[flushType: "ASYNC" | "SYNC"]>): Out<S, Q, "OK">;
    flushdb(...flushType: Opt<[flushType: "ASYNC" | "SYNC"]>): Out<S, Q, "OK">;
    function(subcommand: "DELETE", libraryName: Value): Out<S, Q, "OK">;
    function(subcommand: "DUMP"): Out<S, Q, S["string"]>;
    function(subcommand: "FLUSH", ...flushType: Opt<[flushType: "ASYNC" | "SYNC"]>): Out<S, Q, "OK">;
    function(subcommand: "HELP"): Out<S, Q, string[]>;
    function(subcommand: "KILL"): Out<S, Q, "OK">;
    function(subcommand: "LIST", ...args: [
        ...Opt<[libraryNamePatternToken: "LIBRARYNAME", libraryNamePattern: Value]>,
        ...Opt<[withcode: "WITHCODE"]>
    ]): Out<S, Q, {
        library_name: S["string"];
        engine: S["string"];
        functions: {
            name: S["string"];
            description: null | S["string"];
            flags: S["string"][];
        }[];
        library_code: S["string"];
    }[]>;
    function(subcommand: "LOAD", ...args: [...Opt<[replace: "REPLACE"]>, functionCode: Value]): Out<S, Q, S["string"]>;
    function(subcommand: "RESTORE", serializedValue: Value, ...policy: Opt<[policy: "FLUSH" | "APPEND" | "REPLACE"]>): Out<S, Q, "OK">;
    function(subcommand: "STATS"): Out<S, Q, {
        running_script: null | {
            name: S["string"];
            command: S["string"][];
            duration_ms: S["integer"];
        };
        engines: Fields<S, {
            libraries_count: S["integer"];
            functions_count: S["integer"];
        }>;
    }>;
    geoadd(key: Key, ...args: [
        ...Opt<[condition: "NX" | "XX"]>,
        ...Opt<[change: "CH"]>,
        longitude: Numeric,
        latitude: Numeric,
        member: Value,
        ...Any<Value>
    ]): Out<S, Q, S["integer"]>;
    geodist(key: Key, member1: Value, member2: Value, ...unit: Opt<[unit: "m" | "km" | "ft" | "mi"]>): Out<S, Q, null | S["string"]>;
    geohash(key: Key, ...member: Any<Value>): Out<S, Q, (S["string"] | null)[]>;
    geopos(key: Key, ...member: Any<Value>): Out<S, Q, (null | [number, number])[]>;
    georadius(key: Key, longitude: Numeric, latitude: Numeric, radius: Numeric, unit: "m" | "km" | "ft" | "mi", ...args: [...Opt<[countToken: "COUNT", count: Numeric, ...Opt<[any: "ANY"]>]>, ...Opt<[order: "ASC" | "DESC"]>]): Out<S, Q, S["string"][]>;
    georadius(key: Key, longitude: Numeric, latitude: Numeric, radius: Numeric, unit: "m" | "km" | "ft" | "mi", ...args: [
        ...Opt<[withcoord: "WITHCOORD"]>,
        ...Opt<[withdist: "WITHDIST"]>,
        ...Opt<[withhash: "WITHHASH"]>,
        ...Opt<[countToken: "COUNT", count: Numeric, ...Opt<[any: "ANY"]>]>,
        ...Opt<[order: "ASC" | "DESC"]>
    ]): Out<S, Q, S["string"][] | [S["string"], ...(S["string"] | S["integer"] | [number, number])[]][]>;
    georadius(key: Key, longitude: Numeric, latitude: Numeric, radius: Numeric, unit: "m" | "km" | "ft" | "mi", ...args: [
        ...Opt<[withcoord: "WITHCOORD"]>,
        ...Opt<[withdist: "WITHDIST"]>,
        ...Opt<[withhash: "WITHHASH"]>,
        ...Opt<[countToken: "COUNT", count: Numeric, ...Opt<[any: "ANY"]>]>,
        ...Opt<[order: "ASC" | "DESC"]>,
        ...OneOf<["STORE" | "STOREDIST", Key]>
    ]): Out<S, Q, S["integer"]>;
    georadiusbymember(key: Key, member: Value, radius: Numeric, unit: "m" | "km" | "ft" | "mi", ...args: [...Opt<[countToken: "COUNT", count: Numeric, ...Opt<[any: "ANY"]>]>, ...Opt<[order: "ASC" | "DESC"]>]): Out<S, Q, S["string"][]>;
    georadiusbymember(key: Key, member: Value, radius: Numeric, unit: "m" | "km" | "ft" | "mi", ...args: [
        ...Opt<[withcoord: "WITHCOORD"]>,
        ...Opt<[withdist: "WITHDIST"]>,
        ...Opt<[withhash: "WITHHASH"]>,
        ...Opt<[countToken: "COUNT", count: Numeric, ...Opt<[any: "ANY"]>]>,
        ...Opt<[order: "ASC" | "DESC"]>
    ]): Out<S, Q, S["string"][] | [S["string"], ...(S["string"] | S["integer"] | [number, number])[]][]>;
    georadiusbymember(key: Key, member: Value, radius: Numeric, unit: "m" | "km" | "ft" | "mi", ...args: [
        ...Opt<[withcoord: "WITHCOORD"]>,
        ...Opt<[withdist: "WITHDIST"]>,
        ...Opt<[withhash: "WITHHASH"]>,
        ...Opt<[countToken: "COUNT", count: Numeric, ...Opt<[any: "ANY"]>]>,
        ...Opt<[order: "ASC" | "DESC"]>,
        ...OneOf<["STORE" | "STOREDIST", Key]>
    ]): Out<S, Q, S["integer"]>;
    georadiusbymember_ro(key: Key, member: Value, radius: Numeric, unit: "m" | "km" | "ft" | "mi", ...args: [...Opt<[countToken: "COUNT", count: Numeric, ...Opt<[any: "ANY"]>]>, ...Opt<[order: "ASC" | "DESC"]>]): Out<S, Q, S["string"][]>;
    georadiusbymember_ro(key: Key, member: Value, radius: Numeric, unit: "m" | "km" | "ft" | "mi", ...args: [
        ...Opt<[withcoord: "WITHCOORD"]>,
        ...Opt<[withdist: "WITHDIST"]>,
        ...Opt<[withhash: "WITHHASH"]>,
        ...Opt<[countToken: "COUNT", count: Numeric, ...Opt<[any: "ANY"]>]>,
        ...Opt<[order: "ASC" | "DESC"]>
    ]): Out<S, Q, S["string"][] | [S["string"], ...(S["string"] | S["integer"] | [number, number])[]][]>;
    georadius_ro(key: Key, longitude: Numeric, latitude: Numeric, radius: Numeric, unit: "m" | "km" | "ft" | "mi", ...args: [...Opt<[countToken: "COUNT", count: Numeric, ...Opt<[any: "ANY"]>]>, ...Opt<[order: "ASC" | "DESC"]>]): Out<S, Q, S["string"][]>;
    georadius_ro(key: Key, longitude: Numeric, latitude: Numeric, radius: Numeric, unit: "m" | "km" | "ft" | "mi", ...args: [
        ...Opt<[withcoord: "WITHCOORD"]>,
        ...Opt<[withdist: "WITHDIST"]>,
        ...Opt<[withhash: "WITHHASH"]>,
        ...Opt<[countToken: "COUNT", count: Numeric, ...Opt<[any: "ANY"]>]>,
        ...Opt<[order: "ASC" | "DESC"]>
    ]): Out<S, Q, S["string"][] | [S["string"], ...(S["string"] | S["integer"] | [number, number])[]][]>;
    geosearch(key: Key, ...args: [
        ...OneOf<["FROMMEMBER", Value] | ["FROMLONLAT", Numeric, Numeric]>,
        ...OneOf<["BYRADIUS", Numeric, "m" | "km" | "ft" | "mi"] | ["BYBOX", Numeric, Numeric, "m" | "km" | "ft" | "mi"]>,
        ...Opt<[order: "ASC" | "DESC"]>,
        ...Opt<[countToken: "COUNT", count: Numeric, ...Opt<[any: "ANY"]>]>
    ]): Out<S, Q, S["string"][]>;
    geosearch(key: Key, ...args: [...Any<Value>]): Out<S, Q, S["string"][] | [S["string"], ...(S["string"] | S["integer"] | [number, number])[]][]>;
    geosearchstore(destination: Key, source: Key, ...args: [
        ...OneOf<["FROMMEMBER", Value] | ["FROMLONLAT", Numeric, Numeric]>,
        ...OneOf<["BYRADIUS", Numeric, "m" | "km" | "ft" | "mi"] | ["BYBOX", Numeric, Numeric, "m" | "km" | "ft" | "mi"]>,
        ...Opt<[order: "ASC" | "DESC"]>,
        ...Opt<[countToken: "COUNT", count: Numeric, ...Opt<[any: "ANY"]>]>,
        ...Opt<[storedist: "STOREDIST"]>
    ]): Out<S, Q, S["integer"]>;
    get(key: Key): Out<S, Q, S["string"] | null>;
    getbit(key: Key, offset: Numeric): Out<S, Q, S["integer"]>;
    getdel(key: Key): Out<S, Q, S["string"] | null>;
    getex(key: Key, ...expiration: OneOf<[] | ["EX" | "PX" | "EXAT" | "PXAT", Numeric] | ["PERSIST"]>): Out<S, Q, S["string"] | null>;
    getrange(key: Key, start: Numeric, end: Numeric): Out<S, Q, S["string"]>;
    getset(key: Key, value: Value): Out<S, Q, S["string"] | null>;
    hdel(key: Key, ...field: Some<Value>): Out<S, Q, S["integer"]>;
    hexists(key: Key, field: Value): Out<S, Q, S["integer"]>;
    hget(key: Key, field: Value): Out<S, Q, S["string"] | null>;
    hgetall(key: Key): Out<S, Q, Fields<S>>;
    hincrby(key: Key, field: Value, increment: Numeric): Out<S, Q, S["integer"]>;
    hincrbyfloat(key: Key, field: Value, increment: Numeric): Out<S, Q, S["string"]>;
    hkeys(key: Key): Out<S, Q, S["string"][]>;
    hlen(key: Key): Out<S, Q, S["integer"]>;
    hmget(key: Key, ...field: Some<Value>): Out<S, Q, (S["string"] | null)[]>;
    hmset(key: Key, ...args: [field: Value, value: Value, ...Any<Value>]): Out<S, Q, "OK">;
    hrandfield(key: Key): Out<S, Q, S["string"] | null>;
    hrandfield(key: Key, count: Numeric): Out<S, Q, S["string"][]>;
    hrandfield(key: Key, count: Numeric, withvalues: "WITHVALUES"): Out<S, Q, [S["string"], S["string"]][]>;
    hscan(key: Key, cursor: Numeric, ...args: [
        ...Opt<[patternToken: "MATCH", pattern: Key]>,
        ...Opt<[countToken: "COUNT", count: Numeric]>,
        ...Opt<[novalues: "NOVALUES"]>
    ]): Out<S, Q, [string, S["string"][]]>;
    hset(key: Key, ...args: [field: Value, value: Value, ...Any<Value>]): Out<S, Q, S["integer"]>;
    hsetnx(key: Key, field: Value, value: Value): Out<S, Q, S["integer"]>;
    hstrlen(key: Key, field: Value): Out<S, Q, S["integer"]>;
    hvals(key: Key): Out<S, Q, S["string"][]>;
    incr(key: Key): Out<S, Q, S["integer"]>;
    incrby(key: Key, increment: Numeric): Out<S, Q, S["integer"]>;
    incrbyfloat(key: Key, increment: Numeric): Out<S, Q, S["string"]>;
    info(...section: Any<Value>): Out<S, Q, S["string"]>;
    keys(pattern: Key): Out<S, Q, S["string"][]>;
    lastsave(): Out<S, Q, S["integer"]>;
    latency(subcommand: "DOCTOR"): Out<S, Q, S["string"]>;
    latency(subcommand: "GRAPH", event: Value): Out<S, Q, S["string"]>;
    latency(subcommand: "HELP"): Out<S, Q, string[]>;
    latency(subcommand: "HISTOGRAM", ...command: Any<Value>): Out<S, Q, Fields<S, {
        calls: S["integer"];
        histogram_usec: Fields<S, S["integer"]>;
    }>>;
    latency(subcommand: "HISTORY", event: Value): Out<S, Q, [S["integer"], S["integer"]][]>;
    latency(subcommand: "LATEST"): Out<S, Q, [S["string"], S["integer"], S["integer"], S["integer"]][]>;
    latency(subcommand: "RESET", ...event: Any<Value>): Out<S, Q, S["integer"]>;
    lcs(key1: Key, key2: Key, ...args: [...Opt<[minMatchLenToken: "MINMATCHLEN", minMatchLen: Numeric]>, ...Opt<[withmatchlen: "WITHMATCHLEN"]>]): Out<S, Q, S["string"]>;
    lcs(key1: Key, key2: Key, len: "LEN", ...args: [...Opt<[minMatchLenToken: "MINMATCHLEN", minMatchLen: Numeric]>, ...Opt<[withmatchlen: "WITHMATCHLEN"]>]): Out<S, Q, S["integer"]>;
    lcs(key1: Key, key2: Key, idx: "IDX", ...args: [...Opt<[minMatchLenToken: "MINMATCHLEN", minMatchLen: Numeric]>, ...Opt<[withmatchlen: "WITHMATCHLEN"]>]): Out<S, Q, {
        matches: [S["integer"][], S["integer"][], ...S["integer"][]][];
        len: S["integer"];
    }>;
    lindex(key: Key, index: Numeric): Out<S, Q, null | S["string"]>;
    linsert(key: Key, where: "BEFORE" | "AFTER", pivot: Value, element: Value): Out<S, Q, S["integer"]>;
    llen(key: Key): Out<S, Q, S["integer"]>;
    lmove(source: Key, destination: Key, wherefrom: "LEFT" | "RIGHT", whereto: "LEFT" | "RIGHT"): Out<S, Q, S["string"]>;
    lmpop(numkeys: Numeric, ...args: [...Some<Key>, where: "LEFT" | "RIGHT", ...Opt<[countToken: "COUNT", count: Numeric]>]): Out<S, Q, null | [S["string"], S["string"][]]>;
    lolwut(...version: Opt<[versionToken: "VERSION", version: Numeric]>): Out<S, Q, S["string"]>;
    lpop(key: Key): Out<S, Q, S["string"] | null>;
    lpop(key: Key, count: Numeric): Out<S, Q, S["string"][] | null>;
    lpos(key: Key, element: Value, ...args: [...Opt<[rankToken: "RANK", rank: Numeric]>, ...Opt<[lenToken: "MAXLEN", len: Numeric]>]): Out<S, Q, S["integer"] | null>;
    lpos(key: Key, element: Value, ...args: [
        ...Opt<[rankToken: "RANK", rank: Numeric]>,
        numMatchesToken: "COUNT",
        numMatches: Numeric,
        ...Opt<[lenToken: "MAXLEN", len: Numeric]>
    ]): Out<S, Q, S["integer"][]>;
    lpush(key: Key, ...element: Some<Value>): Out<S, Q, S["integer"]>;
    lpushx(key: Key, ...element: Some<Value>): Out<S, Q, S["integer"]>;
    lrange(key: Key, start: Numeric, stop: Numeric): Out<S, Q, S["string"][]>;
    lrem(key: Key, count: Numeric, element: Value): Out<S, Q, S["integer"]>;
    lset(key: Key, index: Numeric, element: Value): Out<S, Q, "OK">;
    ltrim(key: Key, start: Numeric, stop: Numeric): Out<S, Q, "OK">;
    memory(subcommand: "DOCTOR"): Out<S, Q, S["string"]>;
    memory(subcommand: "HELP"): Out<S, Q, string[]>;
    memory(subcommand: "MALLOC-STATS"): Out<S, Q, S["string"]>;
    memory(subcommand: "PURGE"): Out<S, Q, "OK">;
    memory(subcommand: "STATS"): Out<S, Q, {
        "peak.allocated": S["integer"];
        "total.allocated": S["integer"];
        "startup.allocated": S["integer"];
        "replication.backlog": S["integer"];
        "clients.slaves": S["integer"];
        "clients.normal": S["integer"];
        "cluster.links": S["integer"];
        "aof.buffer": S["integer"];
        "lua.caches": S["integer"];
        "functions.caches": S["integer"];
        "overhead.db.hashtable.lut": S["integer"];
        "overhead.db.hashtable.rehashing": S["integer"];
        "overhead.total": S["integer"];
        "db.dict.rehashing.count": S["integer"];
        "keys.count": S["integer"];
        "keys.bytes-per-key": S["integer"];
        "dataset.bytes": S["integer"];
        "dataset.percentage": number;
        "peak.percentage": number;
        "allocator.allocated": S["integer"];
        "allocator.active": S["integer"];
        "allocator.resident": S["integer"];
        "allocator.muzzy": S["integer"];
        "allocator-fragmentation.ratio": number;
        "allocator-fragmentation.bytes": S["integer"];
        "allocator-rss.ratio": number;
        "allocator-rss.bytes": S["integer"];
        "rss-overhead.ratio": number;
        "rss-overhead.bytes": S["integer"];
        fragmentation: number;
        "fragmentation.bytes": S["integer"];
        [other: `db.${number}`]: {
            "overhead.hashtable.main": S["integer"];
            "overhead.hashtable.expires": S["integer"];
        };
    }>;
    memory(subcommand: "USAGE", key: Key, ...count: Opt<[countToken: "SAMPLES", count: Numeric]>): Out<S, Q, S["integer"] | null>;
    mget(...key: Some<Key>): Out<S, Q, (S["string"] | null)[]>;
    migrate(host: Value, port: Numeric, keySelector: Key, destinationDb: Numeric, timeout: Numeric, ...args: [
        ...Opt<[copy: "COPY"]>,
        ...Opt<[replace: "REPLACE"]>,
        ...OneOf<[] | ["AUTH", Value] | ["AUTH2", Value, Value]>,
        ...Opt<[keysToken: "KEYS", keys: Key, ...Any<Key>]>
    ]): Out<S, Q, "OK" | "NOKEY">;
    module(subcommand: "HELP"): Out<S, Q, string[]>;
    module(subcommand: "LIST"): Out<S, Q, {
        name: S["string"];
        ver: S["integer"];
        path: S["string"];
        args: S["string"][];
    }[]>;
    module(subcommand: "LOAD", path: Value, ...arg: Any<Value>): Out<S, Q, "OK">;
    module(subcommand: "LOADEX", path: Value, ...args: [
        ...Opt<[configsToken: "CONFIG", name: Value, value: Value, ...Any<Value>]>,
        ...Opt<[argsNameToken: "ARGS", argsName: Value, ...Any<Value>]>
    ]): Out<S, Q, "OK">;
    module(subcommand: "UNLOAD", name: Value): Out<S, Q, "OK">;
    move(key: Key, db: Numeric): Out<S, Q, S["integer"]>;
    mset(...args: [key: Key, value: Value, ...Any<Value>]): Out<S, Q, "OK">;
    msetnx(...args: [key: Key, value: Value, ...Any<Value>]): Out<S, Q, S["integer"]>;
    object(subcommand: "ENCODING", key: Key): Out<S, Q, null | S["string"]>;
    object(subcommand: "FREQ", key: Key): Out<S, Q, S["integer"] | null>;
    object(subcommand: "HELP"): Out<S, Q, string[]>;
    object(subcommand: "IDLETIME", key: Key): Out<S, Q, S["integer"] | null>;
    object(subcommand: "REFCOUNT", key: Key): Out<S, Q, S["integer"] | null>;
    persist(key: Key): Out<S, Q, S["integer"]>;
    pexpire(key: Key, milliseconds: Numeric, ...condition: Opt<[condition: "NX" | "XX" | "GT" | "LT"]>): Out<S, Q, S["integer"]>;
    pexpireat(key: Key, unixTimeMilliseconds: Numeric, ...condition: Opt<[condition: "NX" | "XX" | "GT" | "LT"]>): Out<S, Q, S["integer"]>;
    pexpiretime(key: Key): Out<S, Q, S["integer"]>;
    pfadd(key: Key, ...element: Any<Value>): Out<S, Q, S["integer"]>;
    pfcount(...key: Some<Key>): Out<S, Q, S["integer"]>;
    pfdebug(subcommand: Value, key: Key): Out<S, Q, Reply>;
    pfmerge(destkey: Key, ...sourcekey: Any<Key>): Out<S, Q, "OK">;
    pfselftest(): Out<S, Q, "OK">;
    ping(): Out<S, Q, "PONG">;
    ping(message: Value): Out<S, Q, S["string"]>;
    psetex(key: Key, milliseconds: Numeric, value: Value): Out<S, Q, "OK">;
    pttl(key: Key): Out<S, Q, S["integer"]>;
    publish(channel: Value, message: Value): Out<S, Q, S["integer"]>;
    pubsub(subcommand: "CHANNELS", ...pattern: Opt<[pattern: Key]>): Out<S, Q, S["string"][]>;
    pubsub(subcommand: "HELP"): Out<S, Q, string[]>;
    pubsub(subcommand: "NUMPAT"): Out<S, Q, S["integer"]>;
    pubsub(subcommand: "NUMSUB", ...channel: Any<Value>): Out<S, Q, (S["string"] | S["integer"])[]>;
    pubsub(subcommand: "SHARDCHANNELS", ...pattern: Opt<[pattern: Key]>): Out<S, Q, S["string"][]>;
    pubsub(subcommand: "SHARDNUMSUB", ...shardchannel: Any<Value>): Out<S, Q, (S["string"] | S["integer"])[]>;
    randomkey(): Out<S, Q, null | S["string"]>;
    rename(key: Key, newkey: Key): Out<S, Q, "OK">;
    renamenx(key: Key, newkey: Key): Out<S, Q, S["integer"]>;
    replicaof(...argsName: OneOf<[Value, Numeric] | ["NO", "ONE"]>): Out<S, Q, S["string"]>;
    restore(key: Key, ttl: Numeric, serializedValue: Value, ...args: [
        ...Opt<[replace: "REPLACE"]>,
        ...Opt<[absttl: "ABSTTL"]>,
        ...Opt<[secondsToken: "IDLETIME", seconds: Numeric]>,
        ...Opt<[frequencyToken: "FREQ", frequency: Numeric]>
    ]): Out<S, Q, "OK">;
    "restore-asking"(key: Key, ttl: Numeric, serializedValue: Value, ...args: [
        ...Opt<[replace: "REPLACE"]>,
        ...Opt<[absttl: "ABSTTL"]>,
        ...Opt<[secondsToken: "IDLETIME", seconds: Numeric]>,
        ...Opt<[frequencyToken: "FREQ", frequency: Numeric]>
    ]): Out<S, Q, "OK">;
    role(): Out<S, Q, [Word<S, "master">, S["integer"], [S["string"], S["string"], S["string"]][]] | [
        Word<S, "slave">,
        S["string"],
        S["integer"],
        (Word<S, "handshake"> | Word<S, "none"> | Word<S, "connect"> | Word<S, "connecting"> | Word<S, "sync"> | Word<S, "connected"> | Word<S, "unknown">),
        S["integer"]
    ] | [Word<S, "sentinel">, S["string"][]]>;
    rpop(key: Key): Out<S, Q, S["string"] | null>;
    rpop(key: Key, count: Numeric): Out<S, Q, S["string"][] | null>;
    rpoplpush(source: Key, destination: Key): Out<S, Q, S["string"] | null>;
    rpush(key: Key, ...element: Some<Value>): Out<S, Q, S["integer"]>;
    rpushx(key: Key, ...element: Some<Value>): Out<S, Q, S["integer"]>;
    sadd(key: Key, ...member: Some<Value>): Out<S, Q, S["integer"]>;
    save(): Out<S, Q, "OK">;
    scan(cursor: Numeric, ...args: [
        ...Opt<[patternToken: "MATCH", pattern: Key]>,
        ...Opt<[countToken: "COUNT", count: Numeric]>,
        ...Opt<[typeToken: "TYPE", type: Value]>
    ]): Out<S, Q, [string, S["string"][]]>;
    scard(key: Key): Out<S, Q, S["integer"]>;
    script(subcommand: "EXISTS", ...sha1: Some<Value>): Out<S, Q, S["integer"][]>;
    script(subcommand: "FLUSH", ...flushType: Opt<[flushType: "ASYNC" | "SYNC"]>): Out<S, Q, "OK">;
    script(subcommand: "HELP"): Out<S, Q, string[]>;
    script(subcommand: "KILL"): Out<S, Q, "OK">;
    script(subcommand: "LOAD", script: Value): Out<S, Q, S["string"]>;
    script(subcommand: "SHOW", sha1: Value): Out<S, Q, S["string"]>;
    sdiff(...key: Some<Key>): Out<S, Q, S["string"][]>;
    sdiffstore(destination: Key, ...key: Some<Key>): Out<S, Q, S["integer"]>;
    sentinel(subcommand: "CKQUORUM", primaryName: Value): Out<S, Q, S["string"]>;
    sentinel(subcommand: "CONFIG", ...action: OneOf<["SET", Value, Value, ...Any<Value>] | ["GET", Value, ...Any<Value>]>): Out<S, Q, {
        "resolve-hostnames": Word<S, "yes"> | Word<S, "no">;
        "announce-hostnames": Word<S, "yes"> | Word<S, "no">;
        "announce-ip": S["string"];
        "announce-port": S["string"];
        "sentinel-user": S["string"];
        "sentinel-pass": S["string"];
        loglevel: Word<S, "debug"> | Word<S, "verbose"> | Word<S, "notice"> | Word<S, "warning"> | Word<S, "nothing"> | Word<S, "unknown">;
    } | "OK">;
    sentinel(subcommand: "DEBUG", ...data: Opt<[parameter: Value, value: Value, ...Any<Value>]>): Out<S, Q, "OK" | Fields<S>>;
    sentinel(subcommand: "FAILOVER", primaryName: Value): Out<S, Q, "OK">;
    sentinel(subcommand: "FLUSHCONFIG"): Out<S, Q, "OK">;
    sentinel(subcommand: "GET-MASTER-ADDR-BY-NAME", primaryName: Value): Out<S, Q, [S["string"], S["string"]]>;
    sentinel(subcommand: "GET-PRIMARY-ADDR-BY-NAME", primaryName: Value): Out<S, Q, [S["string"], S["string"]]>;
    sentinel(subcommand: "HELP"): Out<S, Q, string[]>;
    sentinel(subcommand: "INFO-CACHE", ...nodename: Some<Value>): Out<S, Q, [S["string"] | [S["integer"], S["string"] | null]]>;
    sentinel(subcommand: "IS-MASTER-DOWN-BY-ADDR", ip: Value, port: Numeric, currentEpoch: Numeric, runid: Value): Out<S, Q, [S["integer"], S["string"], S["integer"]]>;
    sentinel(subcommand: "IS-PRIMARY-DOWN-BY-ADDR", ip: Value, port: Numeric, currentEpoch: Numeric, runid: Value): Out<S, Q, [S["integer"], S["string"], S["integer"]]>;
    sentinel(subcommand: "MASTER", primaryName: Value): Out<S, Q, Fields<S>>;
    sentinel(subcommand: "MASTERS"): Out<S, Q, Fields<S>[]>;
    sentinel(subcommand: "MONITOR", name: Value, ip: Value, port: Numeric, quorum: Numeric): Out<S, Q, "OK">;
    sentinel(subcommand: "MYID"): Out<S, Q, S["string"]>;
    sentinel(subcommand: "PENDING-SCRIPTS"): Out<S, Q, {
        argv: S["string"][];
        flags: S["string"];
        pid: S["string"];
        "run-time": S["string"];
        "run-delay": S["string"];
        "retry-num": S["string"];
    }[]>;
    sentinel(subcommand: "PRIMARIES"): Out<S, Q, Fields<S>[]>;
    sentinel(subcommand: "PRIMARY", primaryName: Value): Out<S, Q, Fields<S>>;
    sentinel(subcommand: "REMOVE", primaryName: Value): Out<S, Q, "OK">;
    sentinel(subcommand: "REPLICAS", primaryName: Value): Out<S, Q, Fields<S>[]>;
    sentinel(subcommand: "RESET", pattern: Key): Out<S, Q, S["integer"]>;
    sentinel(subcommand: "SENTINELS", primaryName: Value): Out<S, Q, Fields<S>[]>;
    sentinel(subcommand: "SET", primaryName: Value, ...args: [option: Value, value: Value, ...Any<Value>]): Out<S, Q, "OK">;
    sentinel(subcommand: "SIMULATE-FAILURE", ...mode: Any<"CRASH-AFTER-ELECTION" | "CRASH-AFTER-PROMOTION" | "HELP">): Out<S, Q, "OK" | S["string"][]>;
    sentinel(subcommand: "SLAVES", primaryName: Value): Out<S, Q, Fields<S>[]>;
    set(key: Key, value: Value, ...expiration: OneOf<[] | ["EX" | "PX" | "EXAT" | "PXAT", Numeric] | ["KEEPTTL"]>): Out<S, Q, "OK">;
    set(key: Key, value: Value, condition: "NX" | "XX", ...expiration: OneOf<[] | ["EX" | "PX" | "EXAT" | "PXAT", Numeric] | ["KEEPTTL"]>): Out<S, Q, "OK" | null>;
    set(key: Key, value: Value, ...args: [
        ...Opt<[condition: "NX" | "XX"]>,
        get: "GET",
        ...OneOf<[] | ["EX" | "PX" | "EXAT" | "PXAT", Numeric] | ["KEEPTTL"]>
    ]): Out<S, Q, S["string"] | null>;
    setbit(key: Key, offset: Numeric, value: Numeric): Out<S, Q, S["integer"]>;
    setex(key: Key, seconds: Numeric, value: Value): Out<S, Q, "OK">;
    setnx(key: Key, value: Value): Out<S, Q, S["integer"]>;
    setrange(key: Key, offset: Numeric, value: Value): Out<S, Q, S["integer"]>;
    shutdown(...abortSelector: OneOf<[
    ] | [...Opt<[saveSelector: "NOSAVE" | "SAVE"]>, ...Opt<[now: "NOW"]>, ...Opt<[force: "FORCE"]>] | ["ABORT"]>): Out<S, Q, "OK">;
    sinter(...key: Some<Key>): Out<S, Q, S["string"][]>;
    sintercard(numkeys: Numeric, ...args: [...Some<Key>, ...Opt<[limitToken: "LIMIT", limit: Numeric]>]): Out<S, Q, S["integer"]>;
    sinterstore(destination: Key, ...key: Some<Key>): Out<S, Q, S["integer"]>;
    sismember(key: Key, member: Value): Out<S, Q, S["integer"]>;
    slaveof(...argsName: OneOf<[Value, Numeric] | ["NO", "ONE"]>): Out<S, Q, S["string"]>;
    slowlog(subcommand: "GET", ...count: Opt<[count: Numeric]>): Out<S, Q, [S["integer"], S["integer"], S["integer"], S["string"][], S["string"], S["string"]][]>;
    slowlog(subcommand: "HELP"): Out<S, Q, string[]>;
    slowlog(subcommand: "LEN"): Out<S, Q, S["integer"]>;
    slowlog(subcommand: "RESET"): Out<S, Q, "OK">;
    smembers(key: Key): Out<S, Q, S["string"][]>;
    smismember(key: Key, ...member: Some<Value>): Out<S, Q, S["integer"][]>;
    smove(source: Key, destination: Key, member: Value): Out<S, Q, S["integer"]>;
    sort(key: Key, ...args: [
        ...Opt<[byPatternToken: "BY", byPattern: Key]>,
        ...Opt<[limitToken: "LIMIT", offset: Numeric, count: Numeric]>,
        ...Opt<[getPatternToken: "GET", getPattern: Key, ...Any<Key>]>,
        ...Opt<[order: "ASC" | "DESC"]>,
        ...Opt<[sorting: "ALPHA"]>
    ]): Out<S, Q, (S["string"] | null)[]>;
    sort(key: Key, ...args: [
        ...Opt<[byPatternToken: "BY", byPattern: Key]>,
        ...Opt<[limitToken: "LIMIT", offset: Numeric, count: Numeric]>,
        ...Opt<[getPatternToken: "GET", getPattern: Key, ...Any<Key>]>,
        ...Opt<[order: "ASC" | "DESC"]>,
        ...Opt<[sorting: "ALPHA"]>,
        destinationToken: "STORE",
        destination: Key
    ]): Out<S, Q, S["integer"]>;
    sort_ro(key: Key, ...args: [
        ...Opt<[byPatternToken: "BY", byPattern: Key]>,
        ...Opt<[limitToken: "LIMIT", offset: Numeric, count: Numeric]>,
        ...Opt<[getPatternToken: "GET", getPattern: Key, ...Any<Key>]>,
        ...Opt<[order: "ASC" | "DESC"]>,
        ...Opt<[sorting: "ALPHA"]>
    ]): Out<S, Q, (S["string"] | null)[]>;
    spop(key: Key): Out<S, Q, S["string"] | null>;
    spop(key: Key, count: Numeric): Out<S, Q, S["string"][]>;
    spublish(shardchannel: Value, message: Value): Out<S, Q, S["integer"]>;
    srandmember(key: Key): Out<S, Q, S["string"] | null>;
    srandmember(key: Key, count: Numeric): Out<S, Q, S["string"][]>;
    srem(key: Key, ...member: Some<Value>): Out<S, Q, S["integer"]>;
    sscan(key: Key, cursor: Numeric, ...args: [...Opt<[patternToken: "MATCH", pattern: Key]>, ...Opt<[countToken: "COUNT", count: Numeric]>]): Out<S, Q, [string, S["string"][]]>;
    strlen(key: Key): Out<S, Q, S["integer"]>;
    substr(key: Key, start: Numeric, end: Numeric): Out<S, Q, S["string"]>;
    sunion(...key: Some<Key>): Out<S, Q, S["string"][]>;
    sunionstore(destination: Key, ...key: Some<Key>): Out<S, Q, S["integer"]>;
    swapdb(index1: Numeric, index2: Numeric): Out<S, Q, "OK">;
    time(): Out<S, Q, S["string"][]>;
    touch(...key: Some<Key>): Out<S, Q, S["integer"]>;
    ttl(key: Key): Out<S, Q, S["integer"]>;
    type(key: Key): Out<S, Q, string>;
    unlink(...key: Some<Key>): Out<S, Q, S["integer"]>;
    wait(numreplicas: Numeric, timeout: Numeric): Out<S, Q, S["integer"]>;
    waitaof(numlocal: Numeric, numreplicas: Numeric, timeout: Numeric): Out<S, Q, [S["integer"], S["integer"]]>;
    xack(key: Key, group: Value, ...id: Some<Value>): Out<S, Q, S["integer"]>;
    xadd(key: Key, ...args: [
        ...Opt<[nomkstream: "NOMKSTREAM"]>,
        ...Opt<[
            strategy: "MAXLEN" | "MINID",
            ...Opt<[operator: "=" | "~"]>,
            threshold: Value,
            ...Opt<[countToken: "LIMIT", count: Numeric]>
        ]>,
        idSelector: Value,
        field: Value,
        value: Value,
        ...Any<Value>
    ]): Out<S, Q, S["string"] | null>;
    xautoclaim(key: Key, group: Value, consumer: Value, minIdleTime: Value, start: Value, ...count: Opt<[countToken: "COUNT", count: Numeric]>): Out<S, Q, [S["string"], [S["string"], S["string"][]][], S["string"][]]>;
    xautoclaim(key: Key, group: Value, consumer: Value, minIdleTime: Value, start: Value, ...args: [...Opt<[countToken: "COUNT", count: Numeric]>, justid: "JUSTID"]): Out<S, Q, [S["string"], S["string"][], S["string"][]]>;
    xclaim(key: Key, group: Value, consumer: Value, minIdleTime: Value, ...args: [
        ...Some<Value>,
        ...Opt<[msToken: "IDLE", ms: Numeric]>,
        ...Opt<[unixTimeMillisecondsToken: "TIME", unixTimeMilliseconds: Numeric]>,
        ...Opt<[countToken: "RETRYCOUNT", count: Numeric]>,
        ...Opt<[force: "FORCE"]>,
        ...Opt<[lastidToken: "LASTID", lastid: Value]>
    ]): Out<S, Q, [S["string"], S["string"][]][]>;
    xclaim(key: Key, group: Value, consumer: Value, minIdleTime: Value, ...args: [
        ...Some<Value>,
        ...Opt<[msToken: "IDLE", ms: Numeric]>,
        ...Opt<[unixTimeMillisecondsToken: "TIME", unixTimeMilliseconds: Numeric]>,
        ...Opt<[countToken: "RETRYCOUNT", count: Numeric]>,
        ...Opt<[force: "FORCE"]>,
        justid: "JUSTID",
        ...Opt<[lastidToken: "LASTID", lastid: Value]>
    ]): Out<S, Q, S["string"][]>;
    xdel(key: Key, ...id: Some<Value>): Out<S, Q, S["integer"]>;
    xgroup(subcommand: "CREATE", key: Key, group: Value, idSelector: Value, ...args: [...Opt<[mkstream: "MKSTREAM"]>, ...Opt<[entriesreadToken: "ENTRIESREAD", entriesread: Numeric]>]): Out<S, Q, "OK">;
    xgroup(subcommand: "CREATECONSUMER", key: Key, group: Value, consumer: Value): Out<S, Q, S["integer"]>;
    xgroup(subcommand: "DELCONSUMER", key: Key, group: Value, consumer: Value): Out<S, Q, S["integer"]>;
    xgroup(subcommand: "DESTROY", key: Key, group: Value): Out<S, Q, S["integer"]>;
    xgroup(subcommand: "HELP"): Out<S, Q, string[]>;
    xgroup(subcommand: "SETID", key: Key, group: Value, idSelector: Value, ...entriesread: Opt<[entriesreadToken: "ENTRIESREAD", entriesread: Numeric]>): Out<S, Q, "OK">;
    xinfo(subcommand: "CONSUMERS", key: Key, group: Value): Out<S, Q, {
        name: S["string"];
        pending: S["integer"];
        idle: S["integer"];
        inactive: S["integer"];
    }[]>;
    xinfo(subcommand: "GROUPS", key: Key): Out<S, Q, {
        name: S["string"];
        consumers: S["integer"];
        pending: S["integer"];
        "last-delivered-id": S["string"];
        "entries-read": null | S["integer"];
        lag: null | S["integer"];
    }[]>;
    xinfo(subcommand: "HELP"): Out<S, Q, string[]>;
    xinfo(subcommand: "STREAM", key: Key): Out<S, Q, {
        length: S["integer"];
        "radix-tree-keys": S["integer"];
        "radix-tree-nodes": S["integer"];
        "last-generated-id": S["string"];
        "max-deleted-entry-id": S["string"];
        "recorded-first-entry-id": S["string"];
        "entries-added": S["integer"];
        groups: S["integer"];
        "first-entry": null | [S["string"], S["string"][]];
        "last-entry": null | [S["string"], S["string"][]];
    }>;
    xinfo(subcommand: "STREAM", key: Key, ...args: [full: "FULL", ...Opt<[countToken: "COUNT", count: Numeric]>]): Out<S, Q, {
        length: S["integer"];
        "radix-tree-keys": S["integer"];
        "radix-tree-nodes": S["integer"];
        "last-generated-id": S["string"];
        "max-deleted-entry-id": S["string"];
        "recorded-first-entry-id": S["string"];
        "entries-added": S["integer"];
        entries: [S["string"], S["string"][]][];
        groups: {
            name: S["string"];
            "last-delivered-id": S["string"];
            "entries-read": null | S["integer"];
            lag: null | S["integer"];
            "pel-count": S["integer"];
            pending: [S["string"], S["string"], S["integer"], S["integer"]][];
            consumers: {
                "active-time": S["integer"];
                name: S["string"];
                "seen-time": S["integer"];
                "pel-count": S["integer"];
                pending: [S["string"], S["integer"], S["integer"]][];
            }[];
        }[];
    }>;
    xlen(key: Key): Out<S, Q, S["integer"]>;
    xpending(key: Key, group: Value): Out<S, Q, [S["integer"], S["string"] | null, S["string"] | null, [S["string"], S["string"]][] | null]>;
    xpending(key: Key, group: Value, ...args: [
        ...Opt<[minIdleTimeToken: "IDLE", minIdleTime: Numeric]>,
        start: Value,
        end: Value,
        count: Numeric,
        ...Opt<[consumer: Value]>
    ]): Out<S, Q, [S["string"], S["string"], S["integer"], S["integer"]][]>;
    xrange(key: Key, start: Value, end: Value, ...count: Opt<[countToken: "COUNT", count: Numeric]>): Out<S, Q, [S["string"], S["string"][]][]>;
    xread(...args: [
        ...Opt<[countToken: "COUNT", count: Numeric]>,
        ...Opt<[millisecondsToken: "BLOCK", milliseconds: Numeric]>,
        streamsToken: "STREAMS",
        ...Some<Value>
    ]): Out<S, Q, Fields<S, [S["string"], S["string"][]][]> | null>;
    xreadgroup(groupBlockToken: "GROUP", group: Value, consumer: Value, ...args: [
        ...Opt<[countToken: "COUNT", count: Numeric]>,
        ...Opt<[millisecondsToken: "BLOCK", milliseconds: Numeric]>,
        ...Opt<[noack: "NOACK"]>,
        streamsToken: "STREAMS",
        ...Some<Value>
    ]): Out<S, Q, null | Fields<S, [S["string"], S["string"][] | null][]>>;
    xrevrange(key: Key, end: Value, start: Value, ...count: Opt<[countToken: "COUNT", count: Numeric]>): Out<S, Q, [S["string"], S["string"][]][]>;
    xsetid(key: Key, lastId: Value, ...args: [
        ...Opt<[entriesAddedToken: "ENTRIESADDED", entriesAdded: Numeric]>,
        ...Opt<[maxDeletedIdToken: "MAXDELETEDID", maxDeletedId: Value]>
    ]): Out<S, Q, "OK">;
    xtrim(key: Key, ...args: [
        strategy: "MAXLEN" | "MINID",
        ...Opt<[operator: "=" | "~"]>,
        threshold: Value,
        ...Opt<[countToken: "LIMIT", count: Numeric]>
    ]): Out<S, Q, S["integer"]>;
    zadd(key: Key, ...args: [
        ...Opt<[condition: "NX" | "XX"]>,
        ...Opt<[comparison: "GT" | "LT"]>,
        ...Opt<[change: "CH"]>,
        increment: "INCR",
        score: Numeric,
        member: Value,
        ...Any<Value>
    ]): Out<S, Q, number | null>;
    zadd(key: Key, ...args: [
        ...Opt<[condition: "NX" | "XX"]>,
        ...Opt<[comparison: "GT" | "LT"]>,
        ...Opt<[change: "CH"]>,
        score: Numeric,
        member: Value,
        ...Any<Value>
    ]): Out<S, Q, S["integer"]>;
    zcard(key: Key): Out<S, Q, S["integer"]>;
    zcount(key: Key, min: Numeric, max: Numeric): Out<S, Q, S["integer"]>;
    zdiff(numkeys: Numeric, ...args: [...Some<Key>, withscores: "WITHSCORES"]): Out<S, Q, [S["string"], number][]>;
    zdiff(numkeys: Numeric, ...key: Some<Key>): Out<S, Q, S["string"][]>;
    zdiffstore(destination: Key, numkeys: Numeric, ...key: Some<Key>): Out<S, Q, S["integer"]>;
    zincrby(key: Key, increment: Numeric, member: Value): Out<S, Q, number>;
    zinter(numkeys: Numeric, ...args: [
        ...Some<Key>,
        ...Opt<[weightToken: "WEIGHTS", weight: Numeric, ...Any<Numeric>]>,
        ...Opt<[aggregateToken: "AGGREGATE", aggregate: "SUM" | "MIN" | "MAX"]>,
        withscores: "WITHSCORES"
    ]): Out<S, Q, [S["string"], number][]>;
    zinter(numkeys: Numeric, ...args: [
        ...Some<Key>,
        ...Opt<[weightToken: "WEIGHTS", weight: Numeric, ...Any<Numeric>]>,
        ...Opt<[aggregateToken: "AGGREGATE", aggregate: "SUM" | "MIN" | "MAX"]>
    ]): Out<S, Q, S["string"][]>;
    zintercard(numkeys: Numeric, ...args: [...Some<Key>, ...Opt<[limitToken: "LIMIT", limit: Numeric]>]): Out<S, Q, S["integer"]>;
    zinterstore(destination: Key, numkeys: Numeric, ...args: [
        ...Some<Key>,
        ...Opt<[weightToken: "WEIGHTS", weight: Numeric, ...Any<Numeric>]>,
        ...Opt<[aggregateToken: "AGGREGATE", aggregate: "SUM" | "MIN" | "MAX"]>
    ]): Out<S, Q, S["integer"]>;
    zlexcount(key: Key, min: Value, max: Value): Out<S, Q, S["integer"]>;
    zmpop(numkeys: Numeric, ...args: [...Some<Key>, where: "MIN" | "MAX", ...Opt<[countToken: "COUNT", count: Numeric]>]): Out<S, Q, null | [S["string"], [S["string"], number][]]>;
    zmscore(key: Key, ...member: Some<Value>): Out<S, Q, (number | null)[]>;
    zpopmax(key: Key): Out<S, Q, [S["string"], number] | []>;
    zpopmax(key: Key, count: Numeric): Out<S, Q, [S["string"], number][]>;
    zpopmin(key: Key): Out<S, Q, [S["string"], number] | []>;
    zpopmin(key: Key, count: Numeric): Out<S, Q, [S["string"], number][]>;
    zrandmember(key: Key): Out<S, Q, S["string"] | null>;
    zrandmember(key: Key, count: Numeric): Out<S, Q, S["string"][]>;
    zrandmember(key: Key, count: Numeric, withscores: "WITHSCORES"): Out<S, Q, [S["string"], number][]>;
    zrange(key: Key, start: Value, stop: Value, ...args: [
        ...Opt<[sortby: "BYSCORE" | "BYLEX"]>,
        ...Opt<[rev: "REV"]>,
        ...Opt<[limitToken: "LIMIT", offset: Numeric, count: Numeric]>,
        withscores: "WITHSCORES"
    ]): Out<S, Q, [S["string"], number][]>;
    zrange(key: Key, start: Value, stop: Value, ...args: [
        ...Opt<[sortby: "BYSCORE" | "BYLEX"]>,
        ...Opt<[rev: "REV"]>,
        ...Opt<[limitToken: "LIMIT", offset: Numeric, count: Numeric]>
    ]): Out<S, Q, S["string"][]>;
    zrangebylex(key: Key, min: Value, max: Value, ...limit: Opt<[limitToken: "LIMIT", offset: Numeric, count: Numeric]>): Out<S, Q, S["string"][]>;
    zrangebyscore(key: Key, min: Numeric, max: Numeric, withscores: "WITHSCORES", ...limit: Opt<[limitToken: "LIMIT", offset: Numeric, count: Numeric]>): Out<S, Q, [S["string"], number][]>;
    zrangebyscore(key: Key, min: Numeric, max: Numeric, ...limit: Opt<[limitToken: "LIMIT", offset: Numeric, count: Numeric]>): Out<S, Q, S["string"][]>;
    zrangestore(dst: Key, src: Key, min: Value, max: Value, ...args: [
        ...Opt<[sortby: "BYSCORE" | "BYLEX"]>,
        ...Opt<[rev: "REV"]>,
        ...Opt<[limitToken: "LIMIT", offset: Numeric, count: Numeric]>
    ]): Out<S, Q, S["integer"]>;
    zrank(key: Key, member: Value): Out<S, Q, S["integer"] | null>;
    zrank(key: Key, member: Value, withscore: "WITHSCORE"): Out<S, Q, [S["integer"], number] | null>;
    zrem(key: Key, ...member: Some<Value>): Out<S, Q, S["integer"]>;
    zremrangebylex(key: Key, min: Value, max: Value): Out<S, Q, S["integer"]>;
    zremrangebyrank(key: Key, start: Numeric, stop: Numeric): Out<S, Q, S["integer"]>;
    zremrangebyscore(key: Key, min: Numeric, max: Numeric): Out<S, Q, S["integer"]>;
    zrevrange(key: Key, start: Numeric, stop: Numeric, withscores: "WITHSCORES"): Out<S, Q, [S["string"], number][]>;
    zrevrange(key: Key, start: Numeric, stop: Numeric): Out<S, Q, S["string"][]>;
    zrevrangebylex(key: Key, max: Value, min: Value, ...limit: Opt<[limitToken: "LIMIT", offset: Numeric, count: Numeric]>): Out<S, Q, S["string"][]>;
    zrevrangebyscore(key: Key, max: Numeric, min: Numeric, withscores: "WITHSCORES", ...limit: Opt<[limitToken: "LIMIT", offset: Numeric, count: Numeric]>): Out<S, Q, [S["string"], number][]>;
    zrevrangebyscore(key: Key, max: Numeric, min: Numeric, ...limit: Opt<[limitToken: "LIMIT", offset: Numeric, count: Numeric]>): Out<S, Q, S["string"][]>;
    zrevrank(key: Key, member: Value): Out<S, Q, S["integer"] | null>;
    zrevrank(key: Key, member: Value, withscore: "WITHSCORE"): Out<S, Q, [S["integer"], number] | null>;
    zscan(key: Key, cursor: Numeric, ...args: [
        ...Opt<[patternToken: "MATCH", pattern: Key]>,
        ...Opt<[countToken: "COUNT", count: Numeric]>,
        ...Opt<[noscores: "NOSCORES"]>
    ]): Out<S, Q, [string, S["string"][]]>;
    zscore(key: Key, member: Value): Out<S, Q, number | null>;
    zunion(numkeys: Numeric, ...args: [
        ...Some<Key>,
        ...Opt<[weightToken: "WEIGHTS", weight: Numeric, ...Any<Numeric>]>,
        ...Opt<[aggregateToken: "AGGREGATE", aggregate: "SUM" | "MIN" | "MAX"]>,
        withscores: "WITHSCORES"
    ]): Out<S, Q, [S["string"], number][]>;
    zunion(numkeys: Numeric, ...args: [
        ...Some<Key>,
        ...Opt<[weightToken: "WEIGHTS", weight: Numeric, ...Any<Numeric>]>,
        ...Opt<[aggregateToken: "AGGREGATE", aggregate: "SUM" | "MIN" | "MAX"]>
    ]): Out<S, Q, S["string"][]>;
    zunionstore(destination: Key, numkeys: Numeric, ...args: [
        ...Some<Key>,
        ...Opt<[weightToken: "WEIGHTS", weight: Numeric, ...Any<Numeric>]>,
        ...Opt<[aggregateToken: "AGGREGATE", aggregate: "SUM" | "MIN" | "MAX"]>
    ]): Out<S, Q, S["integer"]>;
}

interface Confirmations {
    readonly kind: string;
    readonly names: readonly string[];
}

interface Conversation<S extends Shape> extends Commands<S, undefined>, AsyncDisposable {
    call(name: string, ...args: Argument[]): Promise<Reply>;
    run(script: Script, keys?: readonly Key[], args?: readonly Argument[]): Promise<Reply>;
    pipeline(): Batch<S, []>;
    multi(): Batch<S, []>;
}

interface Credentials {
    readonly username?: string | undefined;
    readonly password: string;
}

interface Decoder {
    push(chunk: Uint8Array, sink: ReplySink): void;
}

interface Entry<F> {
    readonly id: string;
    readonly fields: F;
    ack(): Promise<void>;
}

type Fields<S extends Shape, V = S["string"]> = S["string"] extends string ? Record<string, V> : Map<Uint8Array, V>;

interface FormatOptions {
    readonly bytes?: boolean;
    readonly integers?: "number" | "bigint" | "string";
}

interface Gap {
    readonly type: "gap";
    readonly reason: "reconnected" | "overflow";
    readonly missed: number | undefined;
}

interface GroupOptions {
    readonly count?: number;
    readonly block?: number;
    readonly claimIdle?: number;
    readonly create?: string;
}

interface Integers {
    readonly number: number;
    readonly bigint: bigint;
    readonly string: string;
}

type Key = string | Uint8Array;

declare class Line {
    #private;
    protected session: OwnSession | undefined;
    protected waiting: Set<Flight>;
    protected ended: boolean;
    constructor(session?: OwnSession, maxWaiting?: number);
    send(flight: Flight, { timeout, signal }: Patience): void;
    cut(): void;
    mayGoAgain(_flight: Flight, _error: unknown): boolean;
    protected refuse(_timeout: number): unknown;
    protected ready(): OwnSession | undefined;
    protected place(flight: Flight): void;
    protected flush: () => void;
    protected abandon(_flight: Flight, reason: unknown): void;
}

interface LinkOptions {
    readonly maxWaiting?: number | undefined;
    readonly failFast?: boolean | undefined;
    readonly onLeft?: (() => void) | undefined;
}

type ListenArguments<S extends Shape> = [...channels: [Key, ...Key[]]] | [...channels: [Key, ...Key[]], onNotice: (notice: Notice<S["string"]>) => void];

type MakeCache = (send: (flight: Flight, patience: Patience) => void) => ReplyCache;

interface MakeDecoder {
    (limits: Partial<DecoderLimits>, pushFormat: ReplyFormat): Decoder;
    readonly protocol?: 2;
}

interface Message<T = string> {
    readonly type: "message";
    readonly channel: T;
    readonly pattern?: T;
    readonly message: T;
}

type Notice<T = string> = Message<T> | Gap;

type Numeric = number | bigint | string;

type OnAttributes = ((attributes: ReadonlyMap<Reply, Reply>) => void) | undefined;

type OneOf<T extends readonly unknown[]> = T;

type Opt<T extends readonly unknown[]> = [] | T;

interface Order {
    readonly command: Command;
    readonly facts: CommandFacts | undefined;
    readonly script?: Script | undefined;
}

type Out<S extends Shape, Q, R> = Q extends readonly unknown[] ? Batch<S, [...Q, R]> : Promise<R>;

interface Patience {
    readonly timeout: number;
    readonly signal: AbortSignal | undefined;
}

interface Redis<S extends Shape = TextShape> extends Conversation<S> {
    with<const O extends CallOptions>(options: O): Redis<ShapeOf<O, S>>;
    reserve(): Promise<Reserved<S>>;
    scanIterator(options?: ScanKeysOptions): AsyncGenerator<S["string"], void, undefined>;
    hscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<[S["string"], S["string"]], void, undefined>;
    sscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<S["string"], void, undefined>;
    zscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<[S["string"], number], void, undefined>;
    group(stream: Key, group: Key, consumer: Key, options?: GroupOptions): AsyncGenerator<Entry<Fields<S>>, void, undefined>;
    subscribe(...args: ListenArguments<S>): Subscription<S["string"]>;
    psubscribe(...args: ListenArguments<S>): Subscription<S["string"]>;
    ssubscribe(...args: ListenArguments<S>): Subscription<S["string"]>;
    end(): Promise<void>;
    close(): Promise<void>;
}

declare class RedisError extends LandlineError {
    readonly name: string;
    command: string | undefined;
    constructor(message: string, init?: {
        code?: string;
        outcome?: Outcome;
        command?: string;
        cause?: unknown;
    });
}

interface RedisOptions extends FormatOptions, TlsOptions, Pick<ConnectionOptions, "maxInFlight" | "limits" | "stallTimeout" | "decoder">, Pick<LinkOptions, "maxWaiting"> {
    readonly url?: string;
    readonly hostname?: string;
    readonly port?: number;
    readonly username?: string;
    readonly password?: string;
    readonly credentials?: (() => Credentials | Promise<Credentials>) | undefined;
    readonly database?: number;
    readonly clientName?: string;
    readonly tls?: "on" | "off";
    readonly protocol?: 2 | 3;
    readonly cache?: MakeCache | undefined;
    readonly pool?: PoolOptions;
    readonly connectTimeout?: number;
    readonly commandTimeout?: number;
    readonly failFast?: boolean;
    readonly connect?: Connector;
    readonly observe?: Observer | undefined;
}

type Reject = (error: unknown) => void;

interface ReplyCache {
    read(order: Order, format: ReplyFormat, patience: Patience, milliseconds: number): Promise<unknown> | undefined;
    push(items: readonly Reply[]): void;
    flush(): void;
}

type ReplyShape = (reply: Reply, command: Command, format: ReplyFormat) => unknown;

interface Reserved<S extends Shape = TextShape> extends Conversation<S> {
    with<const O extends CallOptions>(options: O): Reserved<ShapeOf<O, S>>;
    watch(...keys: [Key, ...Key[]]): Promise<"OK">;
    unwatch(): Promise<"OK">;
    release(): void;
}

type Resolve = (value: never) => void;

type Results<Q extends readonly unknown[]> = {
    -readonly [K in keyof Q]: Q[K] | RedisError;
};

interface ScanKeysOptions extends ScanOptions {
    readonly type?: string;
}

interface ScanOptions {
    readonly match?: string | Uint8Array;
    readonly count?: number;
}

declare class Script {
    #private;
    readonly source: string;
    readonly readonly: boolean;
    constructor(source: string, readonly: boolean);
    sha(): Promise<string>;
}

interface Shape {
    readonly string: string | Uint8Array;
    readonly integer: number | bigint | string;
}

type ShapeOf<O extends FormatOptions, S extends Shape = TextShape> = {
    readonly string: O extends {
        readonly bytes: infer B extends boolean;
    } ? B extends true ? Uint8Array : string : S["string"];
    readonly integer: O extends {
        readonly integers: infer I extends keyof Integers;
    } ? Integers[I] : S["integer"];
};

type Some<T> = [T, ...T[]];

interface Subscription<T = string> extends AsyncIterableIterator<Notice<T>>, AsyncDisposable {
    readonly ready: Promise<void>;
    unsubscribe(): Promise<void>;
}

interface TextShape extends Shape {
    readonly string: string;
    readonly integer: number;
}

type Value = Argument;

type Where = "batch" | "reserved" | "shared";

type Word<S extends Shape, W extends string> = S["string"] extends string ? W : W | S["string"];

export {
    createClient,
    factsOf,
    type CommandFacts,
    logIn,
    type Login,
    type OpenOptions,
    type OpenSession,
    settingsOf,
    type Settings,
    blockingTime,
    refuseUnshareable,
    handshake,
    type HandshakeOptions,
    Connection,
    NO_PUSHES,
    type ConnectionOptions,
    type Flight,
    type OwnSession,
    type Session,
    type SessionFacts,
    ReplyDecoder,
    checkArguments,
    encodeCommand,
    type FrameWriter,
    DEFAULT_FORMAT,
    DEFAULT_LIMITS,
    type Argument,
    type Command,
    type DecoderLimits,
    type Reply,
    type ReplyFormat,
    type ReplySink,
};
