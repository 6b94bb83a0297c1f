// @landline/smtp with its defaults but the number of connections, and no limit to the messages of one (as nodemailer here).

import { smtp } from "@landline/smtp";
import type { Contestant } from "../harness/contestant.ts";
import { MESSAGE, serverOf, trialOf } from "./workload.ts";

export const contestant: Contestant = (scenario, target) =>
  trialOf(scenario, () => {
    const { hostname, port, secure, credentials, connections } = serverOf(scenario, target);
    const pool = { max: connections, maxUses: Infinity };
    const mail = smtp({ hostname, port, tls: secure ? "on" : "off", pool, ...credentials });
    return { send: () => mail.send(MESSAGE), close: () => mail.end() };
  });
