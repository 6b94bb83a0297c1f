// What @landline/smtp/message declares to the public, made by `pnpm api`.

declare function compose(message: Message, circumstances: Circumstances): Composed;

interface Circumstances {
    now(): Date;
    random(bytes: number): Uint8Array;
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

declare function toBytes({ body, size }: Pick<Composed, "body" | "size">): Promise<Uint8Array>;

declare function toStream({ body }: Pick<Composed, "body">): ReadableStream<Uint8Array>;

interface Alternative {
    readonly contentType: string;
    readonly content: string;
}

interface CalendarEvent {
    readonly method?: string | undefined;
    readonly content: string;
    readonly filename?: string | undefined;
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

interface Attachment {
    readonly filename?: string | undefined;
    readonly content: Content;
    readonly contentType?: string | undefined;
    readonly cid?: string | undefined;
    readonly contentDisposition?: "attachment" | "inline" | undefined;
}

type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

type Content = Uint8Array | string | Blob | ByteStream | (() => ByteStream | Blob | Promise<ByteStream | Blob>);

interface Lazy {
    readonly size: number | undefined;
    readonly replayable: boolean;
    open(): AsyncIterable<Uint8Array>;
}

type Segment = Uint8Array | Lazy;

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

interface RecipientReports {
    readonly notify?: ReportOn | readonly ReportOn[] | undefined;
    readonly recipient?: string | undefined;
}

type ReportOn = "never" | "success" | "failure" | "delay";

interface Reports extends RecipientReports {
    readonly id?: string | undefined;
    readonly return?: "full" | "headers" | undefined;
    readonly recipients?: Readonly<Record<string, RecipientReports>> | undefined;
}

declare function formatAddress({ local, domain }: Mailbox): string;

declare function parseAddresses(input: Addresses, what?: string): Mailbox[];

type Addresses = string | AddressObject | readonly (string | AddressObject)[];

interface AddressObject {
    readonly name?: string | undefined;
    readonly address: string;
}

interface Mailbox {
    readonly name: string;
    readonly local: string;
    readonly domain: string;
}

interface Dsn {
    readonly mail: readonly string[];
    readonly rcpt: readonly (readonly string[])[];
}

export {
    compose,
    type Circumstances,
    type Composed,
    toBytes,
    toStream,
    type Alternative,
    type CalendarEvent,
    type Message,
    type Attachment,
    type ByteStream,
    type Content,
    type Lazy,
    type Segment,
    type ListHeaders,
    type ListUrls,
    type RecipientReports,
    type ReportOn,
    type Reports,
    formatAddress,
    parseAddresses,
    type Addresses,
    type AddressObject,
    type Mailbox,
};
