// What @landline/smtp/wire declares to the public, made by `pnpm api`.

import { ByteWriter } from "@landline/core/bytes";
import { Connector } from "@landline/core";
import { ErrorInit } from "@landline/core";
import { LandlineError } from "@landline/core";
import { Observation } from "@landline/core";
import { Observer } from "@landline/core";
import { PoolOptions } from "@landline/core/pool";
import { SocketAddress } from "@landline/core";
import { TlsMode } from "@landline/core";
import { TlsOptions } from "@landline/core";
import { Transport } from "@landline/core";

declare function mailer(options: string | URL | SmtpOptions): Mailer;

interface Mailer extends SmtpClient {
    deliver(composed: Composed, options?: CallOptions): Promise<Receipt>;
}

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
    constructor(transport: Transport, capabilities: Capabilities, lmtp?: boolean);
    get facts(): SessionFacts;
    get alive(): boolean;
    get peer(): SocketAddress;
    during<T>(limits: Guarded, work: () => Promise<T>): Promise<T>;
    offers(capabilities: Capabilities): void;
    watch(died: () => void): void;
    exchange(request: Request, sink: ReplySink): Promise<void>;
    stream(request: StreamRequest, sink: ReplySink): Promise<void>;
    settled(): Promise<void>;
    cancel(reason: unknown): void;
    release(): Promise<void>;
}

declare function observeSend(observation: Observation, { envelope, size, messageId }: Pick<Outgoing, "envelope" | "size"> & {
    readonly messageId: string;
}, work: () => Promise<Receipt>): Promise<Receipt>;

declare function send(session: Session, outgoing: Outgoing, limits: SendLimits, onward?: () => void): Promise<Delivery>;

interface Dsn {
    readonly ret?: "FULL" | "HDRS" | undefined;
    readonly envid?: string | undefined;
    readonly recipients: readonly Pick<RcptParameters, "notify" | "orcpt">[];
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
    write?(writer: ByteWriter): void;
    readonly replies: number;
    readonly detachable?: boolean;
}

interface Session {
    readonly facts: SessionFacts;
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
    readonly replies: number;
    enough?(): boolean;
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

type Addresses = string | AddressObject | readonly (string | AddressObject)[];

interface AddressObject {
    readonly name?: string | undefined;
    readonly address: string;
}

interface Alternative {
    readonly contentType: string;
    readonly content: string;
}

interface Attachment {
    readonly filename?: string | undefined;
    readonly content: Content;
    readonly contentType?: string | undefined;
    readonly cid?: string | undefined;
    readonly contentDisposition?: "attachment" | "inline" | undefined;
}

type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

interface CalendarEvent {
    readonly method?: string | undefined;
    readonly content: string;
    readonly filename?: string | undefined;
}

interface CallOptions {
    readonly signal?: AbortSignal | undefined;
}

interface Composed {
    readonly envelope: {
        readonly from: string;
        readonly to: readonly string[];
    };
    readonly messageId: string;
    readonly smtpUtf8: boolean;
    readonly eightBit: boolean;
    readonly requireTls: boolean;
    readonly dsn: ReportParameters | undefined;
    readonly size: number | undefined;
    readonly body: readonly Uint8Array[] | AsyncIterable<Uint8Array>;
    readonly segments: readonly Segment[];
}

type Content = Uint8Array | string | Blob | ByteStream | (() => ByteStream | Blob | Promise<ByteStream | Blob>);

interface Guarded extends Limits {
    readonly phase: Phase;
    readonly detachable?: boolean;
}

interface Lazy {
    readonly size: number | undefined;
    readonly replayable: boolean;
    open(): AsyncIterable<Uint8Array>;
}

interface ListHeaders {
    readonly help?: ListUrls | undefined;
    readonly unsubscribe?: ListUrls | undefined;
    readonly subscribe?: ListUrls | undefined;
    readonly post?: ListUrls | undefined;
    readonly owner?: ListUrls | undefined;
    readonly archive?: ListUrls | undefined;
    readonly id?: string | undefined;
    readonly unsubscribePost?: boolean | undefined;
}

type ListUrls = string | readonly string[];

interface Message {
    readonly from?: Addresses | undefined;
    readonly sender?: Addresses | undefined;
    readonly to?: Addresses | undefined;
    readonly cc?: Addresses | undefined;
    readonly bcc?: Addresses | undefined;
    readonly replyTo?: Addresses | undefined;
    readonly subject?: string | undefined;
    readonly text?: string | undefined;
    readonly html?: string | undefined;
    readonly alternatives?: readonly Alternative[] | undefined;
    readonly icalEvent?: CalendarEvent | undefined;
    readonly attachments?: readonly Attachment[] | undefined;
    readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
    readonly list?: ListHeaders | undefined;
    readonly messageId?: string | undefined;
    readonly inReplyTo?: string | undefined;
    readonly references?: string | readonly string[] | undefined;
    readonly date?: Date | undefined;
    readonly raw?: Content | undefined;
    readonly envelope?: {
        readonly from?: string | undefined;
        readonly to?: Addresses | undefined;
    } | undefined;
    readonly dsn?: Reports | undefined;
    readonly requireTls?: boolean | undefined;
}

type Notify = "NEVER" | "SUCCESS" | "FAILURE" | "DELAY";

interface RcptParameters {
    readonly smtpUtf8?: boolean | undefined;
    readonly notify?: readonly Notify[] | undefined;
    readonly orcpt?: string | undefined;
}

interface Receipt extends Delivery {
    readonly messageId: string;
}

interface RecipientReports {
    readonly notify?: ReportOn | readonly ReportOn[] | undefined;
    readonly recipient?: string | undefined;
}

type ReportOn = "never" | "success" | "failure" | "delay";

interface ReportParameters {
    readonly ret: "FULL" | "HDRS" | undefined;
    readonly envid: string | undefined;
    readonly recipients: readonly {
        readonly notify: readonly Notify[] | undefined;
        readonly orcpt: string | undefined;
    }[];
}

interface Reports extends RecipientReports {
    readonly id?: string | undefined;
    readonly return?: "full" | "headers" | undefined;
    readonly recipients?: Readonly<Record<string, RecipientReports>> | undefined;
}

type Segment = Uint8Array | Lazy;

type Signer = (message: Composed) => Promise<Composed>;

interface SmtpClient extends AsyncDisposable {
    send(message: Message, options?: CallOptions): Promise<Receipt>;
    verify(options?: CallOptions): Promise<void>;
    end(options?: {
        readonly timeout?: number;
    }): Promise<void>;
}

interface SmtpOptions extends TlsOptions {
    readonly url?: string | URL;
    readonly hostname?: string;
    readonly port?: number;
    readonly tls?: TlsMode;
    readonly username?: string;
    readonly password?: string;
    readonly accessToken?: string | TokenProvider;
    readonly authMethod?: string;
    readonly name?: string;
    readonly connectTimeout?: number;
    readonly commandTimeout?: number;
    readonly dataTimeout?: number;
    readonly lmtp?: boolean;
    readonly chunking?: boolean;
    readonly rateLimit?: number;
    readonly rateDelta?: number;
    readonly dkim?: Signer;
    readonly connect?: Connector;
    readonly observe?: Observer | undefined;
    readonly pool?: PoolOptions;
}

type TokenProvider = (options: {
    readonly signal: AbortSignal | undefined;
}) => string | Promise<string>;

export {
    mailer,
    type Mailer,
    handshake,
    type HandshakeOptions,
    type Login,
    Connection,
    observeSend,
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
