// The work that every SMTP client does: text messages of 1 kB to one recipient.

import type { Services } from "@landline/services";
import { firstResults, inFlight, isFirst, isSecure, unknownScenario } from "../harness/contestant.ts";
import type { Target, Trial } from "../harness/contestant.ts";

export const MESSAGE = {
  from: "sender@mail.example",
  to: "recipient@mail.example",
  subject: "A message of one kilobyte",
  text: `${"The quick brown fox jumps over the lazy dog, again and again.\r\n".repeat(16)}`,
} as const;

/** Connections and callers of a scenario. */
export const PARALLEL: Readonly<Record<string, { readonly connections: number; readonly callers: number }>> = {
  one: { connections: 1, callers: 1 },
  five: { connections: 5, callers: 20 },
  chunking: { connections: 1, callers: 50 },
  data: { connections: 1, callers: 50 },
};

/** Where a scenario goes, and whether as somebody. */
export interface Server {
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
  readonly credentials: Services["smtp"]["user"] | undefined;
  readonly connections: number;
}

/** The sink, but TLS goes to the real server, with a login. */
export function serverOf(scenario: string, { services: { smtp }, ports }: Target): Server {
  const connections = PARALLEL[scenario]?.connections ?? 1;
  if (isSecure(scenario)) {
    return { hostname: smtp.hostname, port: smtp.tlsPort, secure: true, credentials: smtp.user, connections };
  }
  const port = ports[scenario === "chunking" ? "chunkingSink" : "sink"] ?? 0;
  return { hostname: "localhost", port, secure: false, credentials: undefined, connections };
}

/** What a client is asked to do. */
export interface Mailer {
  send(): Promise<unknown>;
  close(): unknown;
}

/** Checks that the client works, and returns its rounds. */
export async function trialOf(scenario: string, open: () => Mailer | Promise<Mailer>): Promise<Trial> {
  if (isFirst(scenario)) {
    return firstResults(
      open,
      (mailer) => mailer.send(),
      (mailer) => mailer.close(),
    );
  }
  const parallel = PARALLEL[scenario];
  if (parallel === undefined) throw unknownScenario(scenario);
  const mailer = await open();
  await mailer.send();
  return { run: inFlight(parallel.callers, () => mailer.send()), close: async () => void (await mailer.close()) };
}
