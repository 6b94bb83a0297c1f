// What @landline/smtp/wire declares to the public, made by `pnpm api`.

import { ByteWriter } from "@landline/core/bytes";
import { Connector } from "@landline/core";
import { ErrorInit } from "@landline/core";
import { LandlineError } from "@landline/core";
import { SocketAddress } from "@landline/core";
import { TlsMode } from "@landline/core";
import { TlsOptions } from "@landline/core";
import { Transport } from "@landline/core";

declare function handshake(options: HandshakeOptions, signal?: AbortSignal): Promise<Connection>;

interface HandshakeOptions {
    readonly address: SocketAddress;
    readonly tls: TlsMode;
    readonly tlsOptions: TlsOptions;
    readonly login?: Login | undefined;
    readonly name: string;
    readonly lmtp?: boolean | undefined;
    readonly connectTimeout: number;
    readonly connect?: Connector | undefined;
}

type Login = (connection: Connection, limits: () => Limits) => Promise<void>;

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

declare function send(session: Session, outgoing: Outgoing, limits: SendLimits, onward?: () => void): Promise<Delivery>;

interface Dsn {
    readonly mail: readonly string[];
    readonly rcpt: readonly (readonly string[])[];
}

interface Envelope {
    readonly from: string;
    readonly to: readonly string[];
}

interface Outgoing {
    readonly envelope: Envelope;
    readonly smtpUtf8: boolean;
    readonly size: number | undefined;
    readonly body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
    readonly eightBit?: boolean | undefined;
    readonly requireTls?: boolean | undefined;
    readonly dsn?: Dsn | undefined;
}

interface SendLimits extends Limits {
    readonly dataTimeout: number;
    readonly chunking?: boolean | undefined;
}

interface Limits {
    readonly timeout: number;
    readonly signal?: AbortSignal | undefined;
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

interface Capabilities {
    readonly maxSize: number;
    readonly auth: readonly string[];
    readonly keywords: ReadonlySet<string>;
}

interface Reply {
    readonly code: number;
    readonly enhanced: string | undefined;
    readonly lines: readonly string[];
}

interface ReplySink {
    reply(reply: Reply): void;
}

declare class SmtpError extends LandlineError {
    readonly name: string;
    readonly phase: Phase;
    readonly responseCode: number | undefined;
    readonly enhanced: string | undefined;
    readonly response: string | undefined;
    readonly permanent: boolean;
    readonly delivery: Delivery | undefined;
    constructor(message: string, init: SmtpErrorInit);
}

interface Delivery {
    readonly accepted: readonly RecipientReply[];
    readonly rejected: readonly RecipientReply[];
    readonly unknown: readonly string[];
}

type Phase = "greeting" | "ehlo" | "starttls" | "auth" | "mail" | "rcpt" | "data" | "message" | "rset" | "noop" | "quit";

interface RecipientReply {
    readonly address: string;
    readonly code: number;
    readonly enhanced: string | undefined;
    readonly message: string;
}

interface SmtpErrorInit extends ErrorInit {
    readonly phase: Phase;
    readonly reply?: Reply | undefined;
    readonly delivery?: Delivery | undefined;
}

interface Guarded extends Limits {
    readonly phase: Phase;
    readonly detachable?: boolean;
}

export {
    handshake,
    type HandshakeOptions,
    type Login,
    Connection,
    send,
    type Dsn,
    type Envelope,
    type Outgoing,
    type SendLimits,
    type Limits,
    type Request,
    type Session,
    type SessionFacts,
    type StreamRequest,
    type Capabilities,
    type Reply,
    type ReplySink,
    SmtpError,
    type Delivery,
    type Phase,
    type RecipientReply,
    type SmtpErrorInit,
};
