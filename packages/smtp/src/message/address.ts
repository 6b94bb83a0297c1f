// Addresses and lists of them (RFC 5322 3.4), read in one pass. Stricter than the grammar where leniency has sent mail to
// strangers: no comments, no routes, no obsolete forms, no encoded words in an address, no nested groups. What is read is
// kept as parts and written anew, so that no text of the input reaches the envelope as it was.

import { asciiDomain } from "./domain.ts";
import { checkText, checkWellFormed, isAscii } from "./text.ts";

/** A mailbox as its parts. */
export interface Mailbox {
  /** The display name, or "". */
  readonly name: string;
  /** What stands before the @, unquoted. */
  readonly local: string;
  /** What stands behind it: ASCII, lower case, or an address literal. */
  readonly domain: string;
}

/** A mailbox with its name apart. Its `address` is one addr-spec; nothing else in it is looked for. */
export interface AddressObject {
  readonly name?: string | undefined;
  readonly address: string;
}

/** One address, or several: `"Ann <ann@a.example>, bob@b.example"`, an object, or an array of both. */
export type Addresses = string | AddressObject | readonly (string | AddressObject)[];

const ATEXT = /^[a-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+$/iu;
/** In UTF-8 with the @; a path of 256 bytes less its brackets (RFC 5321 4.5.3.1.3). */
const MAX_ADDRESS_BYTES = 254;
const INVISIBLE = /[\p{C}\p{Z}]/u;
const utf8 = new TextEncoder();

/** Reads whatever a message field may hold. @throws TypeError for anything that is not plainly an address. */
export function parseAddresses(input: Addresses, what = "an address"): Mailbox[] {
  if (typeof input === "string") return parseList(input, what);
  if (!Array.isArray(input)) return [parseObject(input as AddressObject, what)];
  const mailboxes: Mailbox[] = [];
  for (const item of input as readonly (string | AddressObject)[]) {
    if (typeof item !== "string") mailboxes.push(parseObject(item, what));
    else for (const mailbox of parseList(item, what)) mailboxes.push(mailbox);
  }
  return mailboxes;
}

/** `local@domain` for commands and headers, quoted where it must be. */
export function formatAddress({ local, domain }: Mailbox): string {
  return `${isDotAtom(local) ? local : `"${local.replace(/[\\"]/g, "\\$&")}"`}@${domain}`;
}

function parseObject(input: AddressObject, what: string): Mailbox {
  if (typeof input !== "object" || input === null) throw new TypeError(`${what} must be a string or { name, address }`);
  const { name = "", address } = input;
  checkText(name, `the name in ${what}`);
  checkText(address, what);
  const scanner = new Scanner(address, what);
  const words = scanner.words();
  if (!scanner.done) scanner.fail("it is more than one plain address");
  return mailbox(name, words, scanner);
}

function parseList(text: string, what: string): Mailbox[] {
  checkText(text, what);
  const scanner = new Scanner(text, what);
  const mailboxes: Mailbox[] = [];
  do parseItem(scanner, mailboxes);
  while (scanner.takes(","));
  if (!scanner.done) scanner.fail(`${JSON.stringify(scanner.peek())} is out of place`);
  return mailboxes;
}

/** A mailbox, or a named group of mailboxes; a group holds no group. */
function parseItem(scanner: Scanner, mailboxes: Mailbox[]): void {
  const words = scanner.words();
  if (!scanner.takes(":")) return void mailboxes.push(parseMailbox(scanner, words));
  if (words.length === 0) scanner.fail("a group has no name");
  if (scanner.takes(";")) return;
  do mailboxes.push(parseMailbox(scanner, scanner.words()));
  while (scanner.takes(","));
  if (!scanner.takes(";")) scanner.fail("a group is not closed");
}

/** `local@domain`, or `name <local@domain>`; `words` is what stands before the first mark. */
function parseMailbox(scanner: Scanner, words: readonly Word[]): Mailbox {
  if (!scanner.takes("<")) {
    if (words.length === 0) scanner.fail("an address is missing");
    return mailbox("", words, scanner);
  }
  if (words.some((word) => !word.quoted && word.text.includes("@"))) {
    scanner.fail("a display name has an @ outside of quotes");
  }
  const spec = scanner.words();
  if (!scanner.takes(">")) scanner.fail("an angle bracket is not closed");
  return mailbox(words.map(({ text }) => text).join(" "), spec, scanner);
}

/** The addr-spec in `words`, or an error. */
function mailbox(name: string, words: readonly Word[], scanner: Scanner): Mailbox {
  const [first, second] = words;
  let local: string;
  let domain: string;
  if (first?.quoted === true) {
    // "local part"@domain: the @ must touch the quotes.
    if (words.length !== 2 || second?.glued !== true || second.quoted || !second.text.startsWith("@")) scanner.fail();
    local = first.text;
    domain = (second as Word).text.slice(1);
  } else {
    if (first === undefined || words.length !== 1) scanner.fail();
    const at = (first as Word).text.indexOf("@");
    local = (first as Word).text.slice(0, at);
    domain = (first as Word).text.slice(at + 1);
    if (at < 1 || !isDotAtom(local)) scanner.fail();
  }
  if (local === "") scanner.fail();
  if (local.includes("=?") || domain.includes("=?")) scanner.fail("it has an encoded word where none may be");
  if (domain.includes("@") || domain === "") scanner.fail();
  if (!isAscii(local) && INVISIBLE.test(local.replaceAll(" ", ""))) scanner.fail("it has an invisible character");
  const parsed = { name, local, domain: asciiDomain(domain) };
  if (utf8.encode(formatAddress(parsed)).length > MAX_ADDRESS_BYTES) scanner.fail("it is too long");
  return parsed;
}

function isDotAtom(text: string): boolean {
  return text.split(".").every((atom) => ATEXT.test(atom));
}

interface Word {
  readonly text: string;
  readonly quoted: boolean;
  /** Nothing stands between this word and the one before it. */
  readonly glued: boolean;
}

/** Words between the marks `< > , : ;`, each character looked at once. */
class Scanner {
  readonly #text: string;
  readonly #what: string;
  #at = 0;

  constructor(text: string, what: string) {
    checkWellFormed(text, what);
    this.#text = text;
    this.#what = what;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  peek(): string {
    return this.#text[this.#at] ?? "";
  }

  /** Goes behind `mark`, if that comes next. */
  takes(mark: string): boolean {
    this.blanks();
    if (this.peek() !== mark) return false;
    this.#at++;
    return true;
  }

  blanks(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }

  words(): Word[] {
    const words: Word[] = [];
    for (;;) {
      const before = this.#at;
      this.blanks();
      const glued = this.#at === before;
      const char = this.peek();
      if (char === "" || "<>,:;".includes(char)) return words;
      if (char === '"') words.push({ text: this.#quoted(), quoted: true, glued });
      else words.push({ text: this.#bare(), quoted: false, glued });
    }
  }

  /** @throws TypeError always; the input is not repeated, it may be anything. */
  fail(why = "it is not a valid address"): never {
    throw new TypeError(`${this.#what} cannot be used: ${why} (near character ${this.#at})`);
  }

  #quoted(): string {
    let text = "";
    for (this.#at++; ; this.#at++) {
      let char = this.peek();
      if (char === "") this.fail("a quote is not closed");
      if (char === '"') break;
      if (char === "\\") {
        this.#at++;
        char = this.peek();
        if (char === "") this.fail("a quote is not closed");
      }
      text += char;
    }
    this.#at++;
    return text;
  }

  #bare(): string {
    const start = this.#at;
    let afterAt = false;
    for (; !this.done; this.#at++) {
      const char = this.peek();
      if (char === "(" || char === ")") this.fail("comments in parentheses are not taken; put the text in quotes");
      if (char === "[" && afterAt && this.#text[this.#at - 1] === "@") {
        const end = this.#text.indexOf("]", this.#at);
        if (end < 0 || end - this.#at > 64) this.fail();
        this.#at = end;
        continue;
      }
      if (char === "[" || char === "]" || char === "\\") this.fail(`${JSON.stringify(char)} is out of place`);
      if (' "<>,:;'.includes(char)) break;
      if (char === "@") afterAt = true;
    }
    return this.#text.slice(start, this.#at);
  }
}
