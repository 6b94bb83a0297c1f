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
