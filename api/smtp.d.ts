// What @landline/smtp declares to the public, made by `pnpm api`.

import { Connector } from "@landline/core";
import { ErrorInit } from "@landline/core";
import { LandlineError } from "@landline/core";
import { PoolOptions } from "@landline/core/pool";
import { TlsMode } from "@landline/core";
import { TlsOptions } from "@landline/core";

declare function smtp(options: string | URL | SmtpOptions): SmtpClient;

interface CallOptions {
    readonly signal?: AbortSignal | undefined;
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

type Addresses = string | AddressObject | readonly (string | AddressObject)[];

interface AddressObject {
    readonly name?: string | undefined;
    readonly address: string;
}

interface Attachment {
    readonly filename?: string | undefined;
    readonly content: Uint8Array | string;
    readonly contentType?: string | undefined;
}

interface Message {
    readonly from: Addresses;
    readonly to?: Addresses | undefined;
    readonly cc?: Addresses | undefined;
    readonly bcc?: Addresses | undefined;
    readonly replyTo?: Addresses | undefined;
    readonly subject?: string | undefined;
    readonly text?: string | undefined;
    readonly html?: string | undefined;
    readonly attachments?: readonly Attachment[] | undefined;
    readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
    readonly messageId?: string | undefined;
    readonly date?: Date | undefined;
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

interface Reply {
    readonly code: number;
    readonly enhanced: string | undefined;
    readonly lines: readonly string[];
}

interface SmtpErrorInit extends ErrorInit {
    readonly phase: Phase;
    readonly reply?: Reply | undefined;
    readonly delivery?: Delivery | undefined;
}

export {
    smtp,
    type CallOptions,
    type Receipt,
    type SmtpClient,
    type SmtpOptions,
    type Addresses,
    type AddressObject,
    type Attachment,
    type Message,
    SmtpError,
    type Delivery,
    type Phase,
    type RecipientReply,
};
