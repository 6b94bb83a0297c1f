// What @landline/durable/smtp declares to the public, made by `pnpm api`.

import { Composed } from "@landline/smtp/message";
import { DurableObject } from "cloudflare:workers";
import { LandlineError } from "@landline/core";
import { Message } from "@landline/smtp";
import { Observer } from "@landline/core";
import { Outcome } from "@landline/core";
import { Receipt } from "@landline/smtp";
import { SmtpClient } from "@landline/smtp";
import { SmtpOptions } from "@landline/smtp";

declare function durableSmtp(binding: PoolNamespace, options?: DurableSmtpOptions): SmtpClient;

interface DurableSmtpOptions extends ShardOptions {
    readonly observe?: Observer | undefined;
}

declare abstract class SmtpPool<Env = unknown> extends DurableObject<Env> implements RemoteMailer {
    #private;
    constructor(ctx: ConstructorParameters<typeof DurableObject<Env>>[0], env: Env);
    abstract options(env: Env): SmtpPoolOptions;
    send(version: number, id: string, mail: Mail, body: Uint8Array | ReadableStream<Uint8Array>): Promise<SendReply>;
    cancel(id: string): Promise<void>;
    verify(version: number): Promise<ErrorData | undefined>;
    stats(): Promise<Readonly<Record<string, number>>>;
}

type SmtpPoolOptions = SmtpOptions;

declare function outbox(binding: PoolNamespace, options?: Omit<ShardOptions, "shards">): Outbox;

interface Outbox {
    send(message: Message, options?: OutboxSendOptions): Promise<string>;
    mail(id: string): Promise<StoredMail | undefined>;
    mails(limit?: number): Promise<StoredMail[]>;
    retry(id: string): Promise<boolean>;
    cancel(id: string): Promise<boolean>;
    stats(): Promise<Record<string, number>>;
}

interface OutboxSendOptions {
    readonly id?: string | undefined;
    readonly after?: number | undefined;
}

declare abstract class SmtpOutbox<Env = unknown> extends DurableObject<Env> {
    #private;
    constructor(ctx: ConstructorParameters<typeof DurableObject<Env>>[0], env: Env);
    abstract options(env: Env): OutboxOptions;
    submit(version: number, id: string, mail: Mail, body: Uint8Array | ReadableStream<Uint8Array>, after: number): Promise<StoredReply<string>>;
    mail(id: string): Promise<StoredMail | undefined>;
    mails(limit?: number): Promise<StoredMail[]>;
    retry(id: string): Promise<boolean>;
    cancel(id: string): Promise<boolean>;
    stats(): Promise<Record<string, number>>;
    alarm(): Promise<void>;
}

interface OutboxOptions extends SmtpOptions {
    readonly retryDelays?: readonly number[] | undefined;
    readonly maxAge?: number | undefined;
    readonly resendUnknown?: boolean | undefined;
    readonly keepFor?: number | undefined;
    readonly concurrency?: number | undefined;
    readonly onChange?: ((mail: StoredMail) => void) | undefined;
}

type Fate = "pending" | "accepted" | "rejected" | "unknown" | "expired" | "cancelled";

interface StoredMail {
    readonly id: string;
    readonly messageId: string;
    readonly state: "waiting" | "sending" | "done";
    readonly createdAt: number;
    readonly nextAttemptAt: number | undefined;
    readonly attempts: number;
    readonly lastError: string | undefined;
    readonly recipients: readonly StoredRecipient[];
}

interface StoredRecipient {
    readonly address: string;
    readonly fate: Fate;
    readonly code: number | undefined;
    readonly enhanced: string | undefined;
    readonly message: string | undefined;
}

type LocationHint = "wnam" | "enam" | "sam" | "weur" | "eeur" | "apac" | "oc" | "afr" | "me";

interface PoolNamespace {
    idFromName(name: string): unknown;
    get(id: unknown, options?: {
        locationHint?: LocationHint;
    }): unknown;
}

interface ShardOptions {
    readonly name?: string | undefined;
    readonly shards?: number | undefined;
    readonly region?: string | undefined;
    readonly generation?: number | undefined;
    readonly locationHint?: LocationHint | undefined;
}

declare class DurableError extends LandlineError {
    readonly name: string;
}

interface ErrorData {
    readonly name: string;
    readonly message: string;
    readonly code: string;
    readonly outcome: Outcome;
    readonly fields?: Readonly<Record<string, unknown>>;
}

type Mail = Pick<Composed, "envelope" | "messageId" | "smtpUtf8" | "eightBit" | "requireTls" | "dsn" | "size">;

interface RemoteMailer {
    send(version: number, id: string, mail: Mail, body: Uint8Array | ReadableStream<Uint8Array>): Promise<SendReply>;
    cancel(id: string): Promise<void>;
    verify(version: number): Promise<ErrorData | undefined>;
}

interface SendReply {
    readonly receipt?: Receipt;
    readonly error?: ErrorData;
}

interface StoredReply<T> {
    readonly value?: T;
    readonly error?: ErrorData;
}

export {
    durableSmtp,
    type DurableSmtpOptions,
    SmtpPool,
    type SmtpPoolOptions,
    outbox,
    type Outbox,
    type OutboxSendOptions,
    SmtpOutbox,
    type OutboxOptions,
    type Fate,
    type StoredMail,
    type StoredRecipient,
    type LocationHint,
    type PoolNamespace,
    type ShardOptions,
    DurableError,
};
