// What @landline/smtp/wire declares to the public, made by `pnpm api`.

import { ByteWriter } from "@landline/core/bytes";
import { Connector } from "@landline/core";
import { ErrorInit } from "@landline/core";
import { LandlineError } from "@landline/core";
import { PoolOptions } from "@landline/core/pool";
import { SocketAddress } from "@landline/core";
import { TlsMode } from "@landline/core";
import { TlsOptions } from "@landline/core";
import { Transport } from "@landline/core";

declare function handshake(options: HandshakeOptions, signal?: AbortSignal): Promise<Connection>;

interface HandshakeOptions {
    readonly address: SocketAddress;
    readonly tls: TlsMode;
    readonly tlsOptions: TlsOptions;
    readonly credentials: Credentials | undefined;
    readonly name: string;
    readonly connectTimeout: number;
    readonly connect?: Connector | undefined;
}

declare class Connection implements Session {
    #private;
    transaction: boolean;
    constructor(transport: Transport, capabilities: Capabilities);
    get facts(): SessionFacts;
    get alive(): boolean;
    offers(capabilities: Capabilities): void;
    watch(died: () => void): void;
    exchange(request: Request, sink: ReplySink): Promise<void>;
    stream(request: StreamRequest, sink: ReplySink): Promise<void>;
    cancel(reason: unknown): void;
    release(): Promise<void>;
}

declare function send(session: Session, outgoing: Outgoing, limits: SendLimits): Promise<Delivery>;

interface Envelope {
    readonly from: string;
    readonly to: readonly string[];
}

interface Outgoing {
    readonly envelope: Envelope;
    readonly smtpUtf8: boolean;
    readonly size: number | undefined;
    readonly body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

interface SendLimits extends Limits {
    readonly dataTimeout: number;
}

declare function parseOptions(input: string | URL | SmtpOptions): Settings;

interface Settings {
    readonly address: SocketAddress;
    readonly tls: TlsMode;
    readonly tlsOptions: TlsOptions;
    readonly credentials: Credentials | undefined;
    readonly name: string;
    readonly connectTimeout: number;
    readonly commandTimeout: number;
    readonly dataTimeout: number;
    readonly connect: Connector | undefined;
    readonly pool: PoolOptions;
}

interface SmtpOptions extends TlsOptions {
    readonly url?: string | URL;
    readonly hostname?: string;
    readonly port?: number;
    readonly tls?: TlsMode;
    readonly username?: string;
    readonly password?: string;
    readonly name?: string;
    readonly connectTimeout?: number;
    readonly commandTimeout?: number;
    readonly dataTimeout?: number;
    readonly connect?: Connector;
    readonly pool?: PoolOptions;
}

interface Limits {
    readonly timeout: number;
    readonly signal?: AbortSignal | undefined;
}

interface Request extends Limits {
    readonly phase: Phase;
    write?(writer: ByteWriter): void;
    readonly replies: number;
}

interface Session {
    readonly facts: SessionFacts;
    readonly alive: boolean;
    transaction: boolean;
    exchange(request: Request, sink: ReplySink): Promise<void>;
    stream(request: StreamRequest, sink: ReplySink): Promise<void>;
    cancel(reason: unknown): void;
    release(): Promise<void>;
}

interface SessionFacts {
    readonly capabilities: Capabilities;
    readonly secure: boolean;
}

interface StreamRequest extends Limits {
    readonly phase: Phase;
    readonly source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
    push(piece: Uint8Array, writer: ByteWriter): void;
    end(writer: ByteWriter): void;
    readonly replyTimeout: number;
}

interface Capabilities {
    readonly name: string;
    readonly pipelining: boolean;
    readonly maxSize: number | undefined;
    readonly size: boolean;
    readonly starttls: boolean;
    readonly smtpUtf8: boolean;
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

interface Credentials {
    readonly username: string;
    readonly password: string;
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

export {
    handshake,
    type HandshakeOptions,
    Connection,
    send,
    type Envelope,
    type Outgoing,
    type SendLimits,
    parseOptions,
    type Settings,
    type SmtpOptions,
    type Limits,
    type Request,
    type Session,
    type SessionFacts,
    type StreamRequest,
    type Capabilities,
    type Reply,
    type ReplySink,
    type Credentials,
    SmtpError,
    type Delivery,
    type Phase,
    type RecipientReply,
};
