// A transport for nodemailer over a client for SMTP: nodemailer composes the message, this sends it, as it is.

/** What is asked of a client: that of `smtp()`. */
export interface NodemailerSmtp {
  send(
    message: {
      readonly raw: AsyncIterable<Uint8Array>;
      readonly envelope: { readonly from: string; readonly to: readonly string[] };
      readonly dsn?: never;
    },
    options?: { readonly signal?: AbortSignal },
  ): Promise<SmtpReceipt>;
  verify(): Promise<void>;
  end(): Promise<void>;
}

interface SmtpReply {
  readonly address: string;
  readonly code: number;
  readonly message: string;
}

interface SmtpReceipt {
  readonly accepted: readonly SmtpReply[];
  readonly rejected: readonly SmtpReply[];
}

/** What nodemailer hands over. */
interface Mail {
  readonly data: { readonly dsn?: unknown };
  readonly message: {
    getEnvelope(): { readonly from: string | false; readonly to: readonly string[] };
    messageId(): string;
    createReadStream(): AsyncIterable<Uint8Array>;
  };
}

/** What `transporter.sendMail()` resolves to. */
export interface SentMessageInfo {
  readonly envelope: { readonly from: string | false; readonly to: readonly string[] };
  readonly messageId: string;
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
  readonly rejectedErrors: readonly Error[];
  /** The server's word on the message, with its code. */
  readonly response: string;
}

type Callback<T> = (error: Error | null, result: T) => void;

/** A transport, as `nodemailer.createTransport()` takes it. */
export interface NodemailerTransport {
  readonly name: string;
  readonly version: string;
  send(mail: Mail, callback: Callback<SentMessageInfo>): void;
  verify(): Promise<true>;
  verify(callback: Callback<true>): void;
  close(): void;
}

/** nodemailer's words for where a session failed. */
const CODES: Readonly<Record<string, string>> = {
  auth: "EAUTH",
  mail: "EENVELOPE",
  rcpt: "EENVELOPE",
  data: "EMESSAGE",
  message: "EMESSAGE",
};

/**
 * A transport over a client. `transporter.close()` ends the client.
 * @example
 * import { createTransport } from "nodemailer";
 * const transporter = createTransport(landline(smtp("smtps://user:password@smtp.example")));
 */
export function landline(client: NodemailerSmtp): NodemailerTransport {
  const send = async ({ data, message }: Mail): Promise<SentMessageInfo> => {
    const envelope = message.getEnvelope();
    const { from, to } = envelope;
    const dsn = data.dsn === undefined ? {} : { dsn: data.dsn as never };
    const receipt = await client.send({
      raw: message.createReadStream(),
      envelope: { from: from === false ? "" : from, to },
      ...dsn,
    });
    return {
      envelope,
      messageId: message.messageId(),
      accepted: receipt.accepted.map(({ address }) => address),
      rejected: receipt.rejected.map(({ address }) => address),
      rejectedErrors: receipt.rejected.map(refusalOf),
      response: responseOf(receipt.accepted[0]),
    };
  };
  const verify = (callback?: Callback<true>): Promise<true> | void => {
    const verified = client.verify().then(() => true as const);
    if (callback !== undefined) return tell(verified, callback);
    return verified.catch((error: unknown) => {
      throw foreignError(error);
    });
  };
  return {
    name: "Landline",
    version: "1",
    send: (mail, callback) => tell(send(mail), callback),
    verify: verify as NodemailerTransport["verify"],
    close: () => void client.end(),
  };
}

/** What the callback throws is its owner's to hear of, not a rejection of ours. */
function tell<T>(promise: Promise<T>, callback: Callback<T>): void {
  const later = (work: () => void): void => queueMicrotask(work);
  promise.then(
    (result) => later(() => callback(null, result)),
    (error: unknown) => later(() => callback(foreignError(error), undefined as never)),
  );
}

interface SmtpFailure extends Error {
  readonly phase?: string;
  readonly responseCode?: number | undefined;
  readonly response?: string | undefined;
  readonly delivery?: SmtpReceipt;
}

/** The error with nodemailer's codes; ours is its `cause`. */
function foreignError(error: unknown): Error {
  const { phase, message, responseCode, response, delivery } = error as SmtpFailure;
  if (phase === undefined) return error as Error;
  return Object.assign(new Error(message, { cause: error }), {
    code: CODES[phase] ?? "EPROTOCOL",
    ...(responseCode === undefined ? {} : { responseCode, response: `${responseCode} ${response}` }),
    ...(delivery === undefined ? {} : { rejected: delivery.rejected.map(({ address }) => address) }),
  });
}

function refusalOf(reply: SmtpReply): Error {
  const fields = { code: "EENVELOPE", responseCode: reply.code, response: responseOf(reply), recipient: reply.address };
  return Object.assign(new Error(`the server refused ${reply.address}: ${responseOf(reply)}`), fields);
}

function responseOf(reply: SmtpReply | undefined): string {
  return reply === undefined ? "" : `${reply.code} ${reply.message}`;
}
