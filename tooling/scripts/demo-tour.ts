// The tour of `pnpm demo --once`: what a visitor would do, by HTTP and one WebSocket, with a line for what was seen.
// Every wait has a deadline; a step that does not see what it should throws, and says what it saw instead.

import type { ReceivedMail } from "@landline/services";

const DEADLINE = 15_000;
const MAIL_POLL = 50;
const NAME = "Ada & <b>Grace</b>";
const MESSAGE = "What a fine book.\n<script>alert(1)</script>";

/** Where the tour goes. */
export interface Tour {
  /** The guestbook. */
  readonly url: string;
  /** The SMTP server's mailbox. */
  readonly mailUrl: string;
  readonly say: (line: string) => void;
}

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly message: string;
}

/** Walks through the guestbook. @throws Error that names the step and what was seen */
export async function takeTour({ url, mailUrl, say }: Tour): Promise<void> {
  const step = async <T>(name: string, walk: () => Promise<[saw: string, result: T]>): Promise<T> => {
    try {
      const [saw, result] = await walk();
      say(`  ok  ${name}: ${saw}`);
      return result;
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  };

  await step("open the page", async () => {
    const text = await get(`${url}/`);
    const visits = /id="visits">(\d+)</.exec(text)?.[1];
    check(text.includes('<form id="sign"') && visits !== undefined, "the page has no form or no counter");
    return [`${text.length} characters of HTML, visit ${visits} by Redis's count`, undefined];
  });

  const viewer = await step("watch it live", async () => {
    const opened = await watch(url);
    return ["a WebSocket to the Durable Object is open", opened];
  });

  const id = await step("sign the book by the page's form", async () => {
    const response = await request(`${url}/`, {
      method: "POST",
      body: new URLSearchParams({ name: NAME, message: MESSAGE }),
    });
    const location = response.headers.get("location") ?? "";
    const found = /^\/#entry-(\d+)$/.exec(location)?.[1];
    check(response.status === 303 && found !== undefined, `status ${response.status}: ${await response.text()}`);
    return [`303, to ${location}`, found];
  });

  await step("read it back", async () => {
    const { entries } = JSON.parse(await get(`${url}/api/entries`)) as { entries: Entry[] };
    const entry = entries.find((each) => each.id === id);
    check(
      entry?.name === NAME && entry.message === MESSAGE,
      `entry ${id} is not as it was written: ${JSON.stringify(entry)}`,
    );
    const text = await get(`${url}/`);
    check(
      text.includes(`id="entry-${id}"`) && !text.includes("<script>alert"),
      "the page does not show it, or not escaped",
    );
    return [`entry ${id} from Postgres, by the API word for word, on the page escaped`, undefined];
  });

  await step("see it live", async () => {
    const seen = await viewer.next((entry) => entry.id === id);
    viewer.close();
    return [`entry ${seen.id} by ${seen.name} came through the WebSocket`, undefined];
  });

  await step("find the mail to the host", async () => {
    const mail = await findMail(mailUrl, NAME);
    check(mail.secure, "it was sent in the clear");
    return [
      `to ${mail.to.join(", ")}, ${mail.raw.length} bytes over TLS, logged in as ${mail.user ?? "nobody"}`,
      undefined,
    ];
  });

  await step("be rate-limited", async () => {
    let accepted = 1;
    for (;;) {
      const response = await request(`${url}/api/entries`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "Ada", message: `Once more: ${accepted}` }),
      });
      const text = await response.text();
      if (response.status === 201 && ++accepted < 20) continue;
      const wait = response.headers.get("retry-after");
      check(response.status === 429 && wait !== null, `status ${response.status} after ${accepted} entries: ${text}`);
      return [`429 after ${accepted} entries, to be tried again in ${wait} s`, undefined];
    }
  });
}

async function get(url: string): Promise<string> {
  const response = await request(url);
  const text = await response.text();
  check(response.status === 200, `status ${response.status}: ${text}`);
  return text;
}

function request(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { redirect: "manual", signal: AbortSignal.timeout(DEADLINE), ...init });
}

interface Viewer {
  next(wanted: (entry: Entry) => boolean): Promise<Entry>;
  close(): void;
}

async function watch(url: string): Promise<Viewer> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/live`);
  const seen: Entry[] = [];
  let look = (): void => {};
  let fail = (_reason: Error): void => {};
  socket.addEventListener("message", ({ data }) => {
    seen.push((JSON.parse(String(data)) as { entry: Entry }).entry);
    look();
  });
  const until = async <T>(what: string, found: () => T | undefined): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => reject(new Error(`${what} did not come in ${DEADLINE} ms`)), DEADLINE);
    fail = reject;
    look = () => {
      const value = found();
      if (value !== undefined) resolve(value);
    };
    look();
    return promise.finally(() => clearTimeout(timer));
  };
  socket.addEventListener("open", () => look());
  for (const event of ["error", "close"])
    socket.addEventListener(event, () => fail(new Error("the WebSocket was closed")));
  await until("the WebSocket", () => (socket.readyState === WebSocket.OPEN ? true : undefined));
  return {
    next: (wanted) => until("the entry", () => seen.find(wanted)),
    close: () => {
      fail = () => {};
      socket.close();
    },
  };
}

// The mail is sent after the answer: it may need a moment.
async function findMail(mailUrl: string, subject: string): Promise<ReceivedMail> {
  const deadline = performance.now() + DEADLINE;
  for (;;) {
    const mails = JSON.parse(await get(mailUrl)) as ReceivedMail[];
    const mail = mails.find(({ raw }) => raw.includes(`Subject: ${subject}`));
    if (mail !== undefined) return mail;
    check(performance.now() < deadline, `none came in ${DEADLINE} ms; the mailbox has ${mails.length}`);
    await new Promise((resolve) => setTimeout(resolve, MAIL_POLL));
  }
}

function check(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}
