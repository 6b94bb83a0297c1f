// The part of the Worker that sends mail by a pool object, and keeps it in an outbox.

import { isLandlineError } from "@landline/core";
import type { Message } from "@landline/smtp";
import {
  durableSmtp,
  outbox,
  SmtpOutbox,
  SmtpPool,
  type OutboxOptions,
  type PoolNamespace,
  type SmtpPoolOptions,
} from "../src/smtp/index.ts";

/** What a test asks for. */
export interface SmtpAsked {
  readonly name: string;
  readonly options: OutboxOptions;
  readonly act: "send" | "verify" | "stats" | "store" | "mail" | "retry" | "cancel" | "fates" | "reset";
  readonly message?: Message;
  /** Bytes of an attachment that is a stream. */
  readonly streamed?: number;
  readonly id?: string;
  readonly after?: number;
}

interface Env {
  readonly MAIL: PoolNamespace;
  readonly OUTBOX: PoolNamespace;
}

const configured = new Map<string, OutboxOptions>();

function optionsOf(ctx: unknown): OutboxOptions {
  return configured.get((ctx as { id: { name: string } }).id.name) as OutboxOptions;
}

export class MAIL extends SmtpPool {
  options(): SmtpPoolOptions {
    return optionsOf(this.ctx);
  }
}

export class OUTBOX extends SmtpOutbox {
  options(): OutboxOptions {
    return optionsOf(this.ctx);
  }

  /** As a crash does. */
  reset(): void {
    this.ctx.abort("reset by a test");
  }
}

function withStream(message: Message, bytes: number): Message {
  let left = bytes;
  const content = new ReadableStream({
    pull(controller) {
      if (left <= 0) return controller.close();
      const piece = new Uint8Array(Math.min(left, 50_000)).fill(0x61);
      left -= piece.length;
      controller.enqueue(piece);
    },
  });
  return { ...message, attachments: [{ filename: "a.txt", content }] } as Message;
}

async function act(asked: SmtpAsked, env: Env): Promise<unknown> {
  const { name, message, streamed, id = "", after } = asked;
  const full = streamed === undefined ? message : withStream(message as Message, streamed);
  const box = outbox(env.OUTBOX, { name });
  switch (asked.act) {
    case "send":
      return durableSmtp(env.MAIL, { name }).send(full as Message);
    case "verify":
      return durableSmtp(env.MAIL, { name }).verify();
    case "stats":
      return (env.MAIL.get(env.MAIL.idFromName(name)) as { stats(): Promise<unknown> }).stats();
    case "store":
      return box.send(full as Message, { id: id === "" ? undefined : id, after });
    case "mail":
      return box.mail(id);
    case "retry":
      return box.retry(id);
    case "cancel":
      return box.cancel(id);
    case "fates":
      return box.stats();
    case "reset":
      await (env.OUTBOX.get(env.OUTBOX.idFromName(name)) as { reset(): Promise<void> }).reset().catch(() => {});
      return "reset";
  }
}

export async function serveSmtp(request: Request, env: Env): Promise<Response> {
  const asked = (await request.json()) as SmtpAsked;
  configured.set(asked.name, asked.options);
  try {
    return Response.json({ value: await act(asked, env) });
  } catch (error) {
    const { name, message } = error as Error;
    return Response.json({ error: { name, message, landline: isLandlineError(error), ...(error as object) } });
  }
}
