// Delivery reports (RFC 3461) in the words of a message's fields, turned into those of the protocol and checked there.

import { ByteWriter } from "@landline/core/bytes";
import { mail, rcpt } from "../protocol/encoder.ts";
import type { Notify } from "../protocol/encoder.ts";
import { formatAddress, parseAddresses } from "./address.ts";

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

/** The same in the protocol's words; `recipients` in the order of `to`. */
export interface ReportParameters {
  readonly ret: "FULL" | "HDRS" | undefined;
  readonly envid: string | undefined;
  readonly recipients: readonly {
    readonly notify: readonly Notify[] | undefined;
    readonly orcpt: string | undefined;
  }[];
}

const RETURNS: Readonly<Record<string, "FULL" | "HDRS">> = { full: "FULL", headers: "HDRS" };

/** @throws TypeError for what cannot be said, or names somebody who is no recipient. */
export function reportParameters(reports: Reports, to: readonly string[]): ReportParameters {
  const single = new Map<string, RecipientReports>();
  for (const [key, value] of Object.entries(reports.recipients ?? {})) {
    for (const address of parseAddresses(key, "dsn.recipients").map(formatAddress)) {
      if (!to.includes(address)) throw new TypeError("dsn.recipients names an address that is no recipient");
      single.set(address, value);
    }
  }
  const ret = reports.return === undefined ? undefined : RETURNS[reports.return];
  if (reports.return !== undefined && ret === undefined) throw new TypeError('dsn.return must be "full" or "headers"');
  const parameters = {
    ret,
    envid: reports.id,
    recipients: to.map((address) => {
      const { notify, recipient: orcpt } = { ...reports, ...single.get(address) };
      return { notify: notify === undefined ? undefined : ([notify].flat().map(upper) as Notify[]), orcpt };
    }),
  };
  const scratch = new ByteWriter();
  mail(scratch, "", parameters);
  for (const recipient of parameters.recipients) rcpt(scratch, "x@x.example", recipient);
  return parameters;
}

function upper(word: unknown): string {
  return String(word).toUpperCase();
}
