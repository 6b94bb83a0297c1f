// nodemailer. Settings, from its documentation (nodemailer.com/smtp/pooled): `pool: true`, `maxConnections` as the scenario
// says, `maxMessages: Infinity` (default 100); nodemailer-single.ts leaves the pool out, a connection for each message.

import { createTransport } from "nodemailer";
import type { Contestant } from "../harness/contestant.ts";
import { MESSAGE, serverOf, trialOf } from "./workload.ts";

/** nodemailer with or without its pool. */
export function nodemailerWith(pool: boolean): Contestant {
  return (scenario, target) =>
    trialOf(scenario, () => {
      const { hostname: host, port, secure, credentials, connections } = serverOf(scenario, target);
      const auth =
        credentials === undefined ? {} : { auth: { user: credentials.username, pass: credentials.password } };
      const common = { host, port, secure, ignoreTLS: !secure, ...auth };
      const pooled = { ...common, pool: true as const, maxConnections: connections, maxMessages: Infinity };
      const transport = pool ? createTransport(pooled) : createTransport(common);
      return { send: () => transport.sendMail(MESSAGE), close: () => transport.close() };
    });
}

export const contestant: Contestant = nodemailerWith(true);
