// What a Worker and its mail objects say to each other: a message composed in the Worker, as plain data and bytes.

import type { Composed } from "@landline/smtp/message";
import type { Receipt } from "@landline/smtp";
import type { ErrorData } from "../error-data.ts";

/** Changes when the two sides could misunderstand each other: they are not always deployed at the same instant. */
export const RPC_VERSION = 2;

/** A composed message without its body. */
export type Mail = Pick<Composed, "envelope" | "messageId" | "smtpUtf8" | "eightBit" | "requireTls" | "dsn" | "size">;

/** What comes back for a message: one of the two. */
export interface SendReply {
  readonly receipt?: Receipt;
  readonly error?: ErrorData;
}

/** The object that sends at once. */
export interface RemoteMailer {
  send(version: number, id: string, mail: Mail, body: Uint8Array | ReadableStream<Uint8Array>): Promise<SendReply>;
  /** Gives one up that is being sent. */
  cancel(id: string): Promise<void>;
  verify(version: number): Promise<ErrorData | undefined>;
}

/** What is known of a mail in an outbox, or what is wrong. */
export interface StoredReply<T> {
  readonly value?: T;
  readonly error?: ErrorData;
}
