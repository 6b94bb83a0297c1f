// Delivery reports (RFC 3461) in the words of a message's fields, turned into those of the protocol and checked there.

import type { Dsn } from "../send.ts";
import { formatAddress, parseAddresses } from "./address.ts";
import { escapeBytes } from "./text.ts";

/** When a report is wanted. */
export type ReportOn = "never" | "success" | "failure" | "delay";

/** What one recipient's reports are like. */
export interface RecipientReports {
  readonly notify?: ReportOn | readonly ReportOn[] | undefined;
  /** The address that reports name instead of the one that the message goes to. */
  readonly recipient?: string | undefined;
}

/** Names are those of nodemailer, but for `recipients`. */
export interface Reports extends RecipientReports {
  /** What reports call this message. */
  readonly id?: string | undefined;
  /** How much of the message a report of failure holds. */
  readonly return?: "full" | "headers" | undefined;
  /** What is different for some recipients, by address. */
  readonly recipients?: Readonly<Record<string, RecipientReports>> | undefined;
}

const RETURNS: Readonly<Record<string, string>> = { full: "RET=FULL", headers: "RET=HDRS" };
const NOTIFY = /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2})$/;
/** RFC 3461 4: printable ASCII, in which plus, equals and blanks are written in hexadecimal. */
const XTEXT = /[!-*,-<>-~]/;
const PRINTABLE = /^[ -~]+$/;

/** The parameters of the commands. @throws TypeError for what cannot be said, or names somebody who is no recipient. */
export function reportParameters(reports: Reports, to: readonly string[]): Dsn {
  const single = new Map<string, RecipientReports>();
  for (const [key, value] of Object.entries(reports.recipients ?? {})) {
    for (const address of parseAddresses(key, "dsn.recipients").map(formatAddress)) {
      if (!to.includes(address)) throw new TypeError("dsn.recipients names an address that is no recipient");
      single.set(address, value);
    }
  }
  const ret = reports.return === undefined ? [] : RETURNS[reports.return];
  if (ret === undefined) throw new TypeError('dsn.return must be "full" or "headers"');
  return {
    mail: [...[ret].flat(), ...xtext("ENVID=", reports.id, 100)],
    rcpt: to.map((address) => {
      const { notify, recipient } = { ...reports, ...single.get(address) };
      const when = notify === undefined ? "NEVER" : String(notify).toUpperCase();
      if (!NOTIFY.test(when)) throw new TypeError("dsn.notify must be never, or some of success, failure, delay");
      return [...(notify === undefined ? [] : [`NOTIFY=${when}`]), ...xtext("ORCPT=rfc822;", recipient, 500)];
    }),
  };
}

function xtext(parameter: string, text: string | undefined, limit: number): string[] {
  if (text === undefined) return [];
  if (!PRINTABLE.test(text) || text.length > limit)
    throw new TypeError(`dsn.id and dsn.recipient must be 1 to ${limit} printable ASCII characters`);
  return [parameter + escapeBytes(text, "+", XTEXT)];
}
