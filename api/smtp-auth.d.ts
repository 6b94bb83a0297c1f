// What @landline/smtp/auth declares to the public, made by `pnpm api`.

import { ByteWriter } from "@landline/core/bytes";
import { SocketAddress } from "@landline/core";
import { Transport } from "@landline/core";

declare function loginWith(credentials: Credentials): Login;

interface Credentials {
    readonly username: string;
    readonly password?: string | undefined;
    readonly accessToken?: string | TokenProvider | undefined;
    readonly method?: string | undefined;
}

type TokenProvider = (options: {
    readonly signal: AbortSignal | undefined;
}) => string | Promise<string>;

interface Capabilities {
    readonly maxSize: number;
    readonly auth: readonly string[];
    readonly keywords: ReadonlySet<string>;
}

declare class Connection implements Session {
    #private;
    transaction: boolean;
    fresh: boolean;
    chunkTaken: boolean;
    inFlight: number;
    refusals: number;
    freed: (() => void) | undefined;
    capabilities: Capabilities;
    readonly lmtp: boolean;
    constructor(transport: Transport, lmtp?: boolean);
    get secure(): boolean;
    get alive(): boolean;
    get peer(): SocketAddress;
    during<T>(limits: Guarded, work: () => Promise<T>): Promise<T>;
    watch(died: () => void): void;
    exchange(request: Request, sink: ReplySink): Promise<void>;
    stream(request: StreamRequest, sink: ReplySink): Promise<void>;
    settled(): Promise<void>;
    cancel(reason: unknown): void;
    release(): Promise<void>;
}

interface Guarded extends Limits {
    readonly phase: Phase;
    readonly detachable?: boolean;
}

interface Limits {
    readonly timeout: number;
    readonly signal?: AbortSignal | undefined;
}

type Login = (connection: Connection, limits: () => Limits) => Promise<void>;

type Phase = "greeting" | "ehlo" | "starttls" | "auth" | "mail" | "rcpt" | "data" | "message" | "rset" | "noop" | "quit";

interface Reply {
    readonly code: number;
    readonly enhanced: string | undefined;
    readonly lines: readonly string[];
}

interface ReplySink {
    reply(reply: Reply): void;
}

interface Request extends Limits {
    readonly phase: Phase;
    write(writer: ByteWriter): void;
    readonly replies: number;
    readonly announced?: number | undefined;
    readonly detachable?: boolean;
}

interface Session extends SessionFacts {
    readonly alive: boolean;
    transaction: boolean;
    fresh: boolean;
    chunkTaken: boolean;
    inFlight: number;
    refusals: number;
    freed: (() => void) | undefined;
    exchange(request: Request, sink: ReplySink): Promise<void>;
    stream(request: StreamRequest, sink: ReplySink): Promise<void>;
    cancel(reason: unknown): void;
    release(): Promise<void>;
}

interface SessionFacts {
    readonly capabilities: Capabilities;
    readonly secure: boolean;
    readonly lmtp: boolean;
}

interface StreamRequest extends Limits {
    readonly phase: Phase;
    readonly source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
    push(piece: Uint8Array, writer: ByteWriter): number | void;
    end(writer: ByteWriter): void;
    written?(): void;
    readonly replies: number;
    readonly announced?: number | undefined;
    enough?(): boolean;
    readonly replyTimeout: number;
}

export {
    loginWith,
    type Credentials,
    type TokenProvider,
};
