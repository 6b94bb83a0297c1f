// The load on SMTP: every mail has a recipient of its own, who must get it once, whole, when the client says so; never
// when it says that nothing was sent; and never twice.

import type { ReceivedMail } from "@landline/services";
import { smtp, type SmtpClient } from "@landline/smtp";
import { aborter, type Load, type LoadOptions, settle } from "./postgres.ts";
import { Ledger, WrongAnswer } from "./watch.ts";
import { pick } from "./weather.ts";

const DEADLINE = 30_000;
const END = "the very end";

/** See the head of the file. */
export class SmtpLoad implements Load {
  readonly #options: LoadOptions & { readonly mailUrl: string };
  readonly #mail: SmtpClient;
  readonly #sent = new Ledger();

  constructor(options: LoadOptions & { readonly mailUrl: string }) {
    this.#options = options;
    this.#mail = smtp({
      url: options.url,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      connectTimeout: 4_000,
      commandTimeout: 3_000,
      dataTimeout: 4_000,
      pool: { max: 3, maxUses: 30, acquireTimeout: 5_000 },
    });
  }

  async prepare(): Promise<void> {}

  async step(): Promise<void> {
    await pick(this.#options.random, [
      [60, () => this.#send("send", 200)],
      [10, () => this.#send("large", 60_000)],
      [20, () => this.#abortedSend()],
      [10, () => this.#refusedSend()],
    ])();
  }

  /** The server has nothing like it. */
  async strike(): Promise<void> {}

  async end(): Promise<void> {
    await this.#options.watch.call(`smtp ${this.#options.name} end`, 10_000, () => this.#mail.end({ timeout: 3_000 }));
  }

  async reckon(): Promise<void> {
    const { watch, mailUrl } = this.#options;
    const mails = (await (await fetch(mailUrl)).json()) as ReceivedMail[];
    const found = new Map<number, number>();
    for (const { to, raw } of mails) {
      for (const address of to) {
        const [, number, name] = /^n(\d+)@(\w+)\.example$/.exec(address) ?? [];
        if (number !== undefined && name !== this.#options.name) continue;
        const id = Number(number);
        if (Number.isNaN(id)) watch.fail(`smtp: a mail for ${address} came`);
        found.set(id, (found.get(id) ?? 0) + 1);
        if (!raw.includes(`mail ${id} begins`) || !raw.includes(`${END} of ${id}`))
          watch.fail(`smtp ${name} send ${id} came in part`);
      }
    }
    settle(this.#sent, found, 1, `smtp ${this.#options.name} send`, watch);
  }

  async #send(name: string, bytes: number, signal?: AbortSignal): Promise<void> {
    const id = this.#sent.next();
    const to = `n${id}@${this.#options.name}.example`;
    const verdict = await this.#options.watch.call(`smtp ${this.#options.name} ${name}`, DEADLINE, async () => {
      const { accepted, rejected, unknown } = await this.#mail.send(message(id, to, bytes), { signal });
      const only = accepted.length === 1 && accepted[0]?.address === to;
      if (!only || rejected.length > 0 || unknown.length > 0) throw new WrongAnswer("the recipients are another's");
    });
    this.#sent.set(id, verdict);
  }

  async #abortedSend(): Promise<void> {
    const abort = aborter(this.#options.random, 40);
    await this.#send("aborted send", 2_000, abort.signal);
    abort.clear();
  }

  /** One recipient of two is refused. */
  async #refusedSend(): Promise<void> {
    const id = this.#sent.next();
    const [to, refused] = [`n${id}@${this.#options.name}.example`, `refused${id}@soak.example`];
    const verdict = await this.#options.watch.call(`smtp ${this.#options.name} partly refused`, DEADLINE, async () => {
      const { accepted, rejected } = await this.#mail.send(message(id, [to, refused], 100));
      if (accepted[0]?.address !== to || rejected[0]?.address !== refused || rejected[0].code !== 550)
        throw new WrongAnswer("the recipients are another's");
    });
    this.#sent.set(id, verdict);
  }
}

function message(id: number, to: string | string[], bytes: number) {
  const filler = ".line\n".repeat(bytes / 6);
  return {
    from: "soak@soak.example",
    to,
    subject: `Number ${id}`,
    text: `mail ${id} begins\n${filler}${END} of ${id}`,
  };
}
