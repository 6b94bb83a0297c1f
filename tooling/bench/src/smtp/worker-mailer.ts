// worker-mailer, in workerd only. Settings, from its README (github.com/zou-yu/worker-mailer): one connection by
// `WorkerMailer.connect`, kept for all messages; it has no pool. `logLevel: 4` (none), so that it does not print.
// `socketTimeoutMs`, from which it takes its time for answers too, is short (default 60 s): it leaves a timer behind for
// each answer, and workerd allows 10,000.

import { WorkerMailer } from "worker-mailer";
import type { Contestant } from "../harness/contestant.ts";
import { MESSAGE, serverOf, trialOf } from "./workload.ts";

export const contestant: Contestant = (scenario, target) =>
  trialOf(scenario, async () => {
    const { hostname: host, port, secure, credentials } = serverOf(scenario, target);
    const login = credentials === undefined ? {} : { credentials, authType: "plain" as const };
    const mailer = await WorkerMailer.connect({
      host,
      port,
      secure,
      startTls: false,
      logLevel: 4,
      socketTimeoutMs: 250,
      ...login,
    });
    return { send: () => mailer.send(MESSAGE), close: () => mailer.close() };
  });
