// The mails that the SMTP server accepted, in memory, and the HTTP side of them. Bounded: the oldest go first.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { ReceivedMail } from "./types.ts";

const MAX_CHARACTERS = 256 * 1024 * 1024;

/** See the head of the file. */
export class Mailbox {
  #mails: ReceivedMail[] = [];
  #characters = 0;

  /** Keeps a mail. */
  add(mail: ReceivedMail): void {
    this.#mails.push(mail);
    this.#characters += mail.raw.length;
    while (this.#characters > MAX_CHARACTERS && this.#mails.length > 1)
      this.#characters -= this.#mails.shift()?.raw.length ?? 0;
  }

  /** GET (`?to=` keeps those for one recipient) and DELETE. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (pathname !== "/mail") return end(response, 404, { error: "the mails are at /mail" });
    if (request.method === "DELETE") {
      this.#mails = [];
      this.#characters = 0;
      return end(response, 204);
    }
    if (request.method !== "GET") return end(response, 405, { error: "GET or DELETE" });
    const to = searchParams.get("to");
    end(response, 200, to === null ? this.#mails : this.#mails.filter((mail) => mail.to.includes(to)));
  }
}

function end(response: ServerResponse, status: number, body?: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
