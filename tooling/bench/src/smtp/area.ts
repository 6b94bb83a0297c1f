// The SMTP area: who runs what, at loopback and behind a proxy of 10 ms in each direction.

import type { Plan, Reading } from "../harness/plan.ts";
import { perSecond } from "../harness/plan.ts";
import { onNode } from "../harness/runner.ts";
import type { Start } from "../harness/runner.ts";
import { onWorkerd } from "../harness/workerd.ts";

const here = (file: string): string => new URL(file, import.meta.url).href;

const MESSAGES: Reading = { unit: "messages/s", of: perSecond };
const NODE: Readonly<Record<string, Start>> = {
  landline: onNode(here("./landline.ts")),
  "nodemailer pool": onNode(here("./nodemailer.ts")),
  nodemailer: onNode(here("./nodemailer-single.ts")),
  floor: onNode(here("./floor.ts")),
};
const WORKERD: Readonly<Record<string, Start>> = {
  landline: onWorkerd(here("./landline.ts")),
  "worker-mailer": onWorkerd(here("./worker-mailer.ts")),
};

/** @param where `"loopback"`, or the round-trip time of the proxy in front of the sink. */
export function smtpPlans(where: string): Plan[] {
  const common = { area: "smtp", readings: [MESSAGES] };
  const one = { ...common, key: "one", scenario: `1 kB messages one after the other, ${where}` };
  const five = { ...common, key: "five", scenario: `1 kB messages by 20 callers on 5 connections, ${where}` };
  const { "nodemailer pool": pool, landline } = NODE as Record<string, Start>;
  const queue = { ...common, runtime: "node", clients: { landline, "nodemailer pool": pool } as Record<string, Start> };
  const waiting = "1 kB messages by 50 callers on one connection";
  return [
    { ...one, runtime: "node", clients: NODE },
    { ...queue, key: "chunking", scenario: `${waiting}, CHUNKING, ${where}` },
    { ...queue, key: "data", scenario: `${waiting}, DATA, ${where}` },
    { ...five, runtime: "node", clients: NODE },
    { ...one, runtime: "workerd", clients: WORKERD },
  ];
}

const COMPOSERS: Readonly<Record<string, Start>> = {
  landline: onNode(here("./landline-composing.ts")),
  nodemailer: onNode(here("./nodemailer-composing.ts")),
};

/** What needs no server, and what is about memory. */
export function composingPlans(): Plan[] {
  const common = { area: "smtp", runtime: "node", clients: COMPOSERS };
  const speed: Reading = { unit: "MiB/s", of: perSecond };
  return [
    { ...common, key: "base64", scenario: "base64 of an attachment of 4 MiB", readings: [speed] },
    { ...common, key: "quoted-printable", scenario: "quoted-printable of a text of 500 kB", readings: [speed] },
    {
      ...common,
      key: "addresses",
      scenario: "a list of 200,000 addresses, parsed",
      readings: [{ unit: "ms", of: ({ elapsedMs, operations }) => elapsedMs / operations }],
    },
    {
      area: "smtp",
      runtime: "workerd",
      key: "stream",
      scenario: "an attachment of 100 MB as a stream, growth of resident memory",
      readings: [{ unit: "MiB", of: ({ grownBytes }) => (grownBytes ?? Number.NaN) / 1024 / 1024 }],
      clients: { landline: onWorkerd(here("./landline-stream.ts")) },
      warmUp: false,
      rounds: { quick: 1, full: 3 },
    },
  ];
}
