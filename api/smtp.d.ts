// What @landline/smtp declares to the public, made by `pnpm api`.

import { Connector } from "@landline/core";
import { ErrorInit } from "@landline/core";
import { LandlineError } from "@landline/core";
import { Observation } from "@landline/core";
import { Observer } from "@landline/core";
import { PoolOptions } from "@landline/core/pool";
import { TlsMode } from "@landline/core";
import { TlsOptions } from "@landline/core";

declare function mailer(options: string | URL | SmtpOptions): Mailer;

declare function smtp(options: string | URL | SmtpOptions): SmtpClient;

interface CallOptions {
    readonly signal?: AbortSignal | undefined;
}

interface Mailer extends SmtpClient {
    deliver(composed: Composed, options?: CallOptions): Promise<Receipt>;
}

interface Receipt extends Delivery {
    readonly messageId: string;
}

interface SmtpClient extends AsyncDisposable {
    send(message: Message, options?: CallOptions): Promise<Receipt>;
    verify(options?: CallOptions): Promise<void>;
    end(options?: {
        readonly timeout?: number;
    }): Promise<void>;
}

type TokenProvider = (options: {
    readonly signal: AbortSignal | undefined;
}) => string | Promise<string>;

type Signer = (message: Composed) => Promise<Composed>;

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

type Content = Uint8Array | string | Blob | ByteStream | (() => ByteStream | Blob | Promise<ByteStream | Blob>);

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

interface Reports extends RecipientReports {
    readonly id?: string | undefined;
    readonly return?: "full" | "headers" | undefined;
    readonly recipients?: Readonly<Record<string, RecipientReports>> | undefined;
}

declare function observeSend(observation: Observation, { envelope, size, messageId }: Pick<Outgoing, "envelope" | "size"> & {
    readonly messageId: string;
}, work: () => Promise<Receipt>): Promise<Receipt>;

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

interface Composed {
    readonly envelope: {
        readonly from: string;
        readonly to: readonly string[];
    };
    readonly messageId: string;
    readonly smtpUtf8: boolean;
    readonly eightBit: boolean;
    readonly requireTls: boolean;
    readonly dsn: Dsn | undefined;
    readonly size: number | undefined;
    readonly body: readonly Uint8Array[] | AsyncIterable<Uint8Array>;
    readonly segments: readonly Segment[];
}

interface Dsn {
    readonly mail: readonly string[];
    readonly rcpt: readonly (readonly string[])[];
}

interface Envelope {
    readonly from: string;
    readonly to: readonly string[];
}

interface Lazy {
    readonly size: number | undefined;
    readonly replayable: boolean;
    open(): AsyncIterable<Uint8Array>;
}

type ListUrls = string | readonly string[];

interface Outgoing {
    readonly envelope: Envelope;
    readonly smtpUtf8: boolean;
    readonly size: number | undefined;
    readonly body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
    readonly eightBit?: boolean | undefined;
    readonly requireTls?: boolean | undefined;
    readonly dsn?: Dsn | undefined;
}

interface RecipientReports {
    readonly notify?: ReportOn | readonly ReportOn[] | undefined;
    readonly recipient?: string | undefined;
}

interface Reply {
    readonly code: number;
    readonly enhanced: string | undefined;
    readonly lines: readonly string[];
}

type ReportOn = "never" | "success" | "failure" | "delay";

type Segment = Uint8Array | Lazy;

interface SmtpErrorInit extends ErrorInit {
    readonly phase: Phase;
    readonly reply?: Reply | undefined;
    readonly delivery?: Delivery | undefined;
}

export {
    mailer,
    smtp,
    type CallOptions,
    type Mailer,
    type Receipt,
    type SmtpClient,
    type TokenProvider,
    type Signer,
    type SmtpOptions,
    type Addresses,
    type AddressObject,
    type Alternative,
    type Attachment,
    type ByteStream,
    type CalendarEvent,
    type Content,
    type ListHeaders,
    type Message,
    type Reports,
    observeSend,
    SmtpError,
    type Delivery,
    type Phase,
    type RecipientReply,
};
