// What @landline/smtp/send-email declares to the public, made by `pnpm api`.

interface SendEmailBinding {
    send(message: never): Promise<unknown>;
}

type EmailMessageClass = new (from: string, to: string, raw: never) => object;

interface SendEmailOptions {
    readonly dkim?: (message: Composed) => Promise<Composed>;
}

interface SendEmailReceipt {
    readonly messageId: string;
    readonly accepted: readonly string[];
    readonly rejected: readonly {
        readonly address: string;
        readonly error: unknown;
    }[];
}

interface SendEmail {
    send(message: Message): Promise<SendEmailReceipt>;
}

declare function sendEmail(binding: SendEmailBinding, EmailMessage: EmailMessageClass, { dkim }?: SendEmailOptions): SendEmail;

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

type Content = Uint8Array | string | Blob | ByteStream | (() => ByteStream | Blob | Promise<ByteStream | Blob>);

interface Dsn {
    readonly mail: readonly string[];
    readonly rcpt: readonly (readonly string[])[];
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

type Segment = Uint8Array | Lazy;

export {
    SendEmailBinding,
    EmailMessageClass,
    SendEmailOptions,
    SendEmailReceipt,
    SendEmail,
    sendEmail,
};
