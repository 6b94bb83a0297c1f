// What @landline/smtp/nodemailer declares to the public, made by `pnpm api`.

interface NodemailerSmtp {
    send(message: {
        readonly raw: AsyncIterable<Uint8Array>;
        readonly envelope: {
            readonly from: string;
            readonly to: readonly string[];
        };
        readonly dsn?: never;
    }, options?: {
        readonly signal?: AbortSignal;
    }): Promise<SmtpReceipt>;
    verify(): Promise<void>;
    end(): Promise<void>;
}

interface SentMessageInfo {
    readonly envelope: {
        readonly from: string | false;
        readonly to: readonly string[];
    };
    readonly messageId: string;
    readonly accepted: readonly string[];
    readonly rejected: readonly string[];
    readonly rejectedErrors: readonly Error[];
    readonly response: string;
}

interface NodemailerTransport {
    readonly name: string;
    readonly version: string;
    send(mail: Mail, callback: Callback<SentMessageInfo>): void;
    verify(): Promise<true>;
    verify(callback: Callback<true>): void;
    close(): void;
}

declare function landline(client: NodemailerSmtp): NodemailerTransport;

type Callback<T> = (error: Error | null, result: T) => void;

interface Mail {
    readonly data: {
        readonly dsn?: unknown;
    };
    readonly message: {
        getEnvelope(): {
            readonly from: string | false;
            readonly to: readonly string[];
        };
        messageId(): string;
        createReadStream(): AsyncIterable<Uint8Array>;
    };
}

interface SmtpReceipt {
    readonly accepted: readonly SmtpReply[];
    readonly rejected: readonly SmtpReply[];
}

interface SmtpReply {
    readonly address: string;
    readonly code: number;
    readonly message: string;
}

export {
    NodemailerSmtp,
    SentMessageInfo,
    NodemailerTransport,
    landline,
};
