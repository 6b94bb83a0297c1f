// Starts the set and stops it.

import { readFileSync } from "node:fs";
import { makeCertificates } from "./certificates.ts";
import type { Certificates } from "./certificates.ts";
import { startPostgres } from "./postgres.ts";
import { startRedis } from "./redis.ts";
import { Run } from "./run.ts";
import { startSmtp } from "./smtp.ts";
import type { Identity, Services } from "./types.ts";

/** A set of servers that is ready. */
export interface RunningServices {
  readonly services: Services;
  /** Stops everything and removes what it left on disk. May be called again. */
  stop(): Promise<void>;
  /** The ends of the servers' logs, also after the stop. */
  logs(): string;
}

/**
 * Starts Postgres, Redis and an SMTP server on free loopback ports, with certificates of a CA made for this run. They are
 * ready when the promise resolves, and gone when this process is, whichever way it ends. @throws with the logs if one does not start.
 */
export async function startServices(): Promise<RunningServices> {
  const run = new Run();
  try {
    const certificates = makeCertificates();
    const bundle = run.writeSharedFile("ca.pem", `${trustedBefore()}${certificates.ca}`);
    const [postgres, redis, mail] = await Promise.allSettled([
      startPostgres(run, certificates),
      startRedis(run, certificates),
      startSmtp(certificates),
    ]);
    const failed = [postgres, redis, mail].filter((result) => result.status === "rejected");
    if (postgres.status === "rejected" || redis.status === "rejected" || mail.status === "rejected") {
      if (mail.status === "fulfilled") await mail.value.stop();
      throw new Error(failed.map(({ reason }) => (reason as Error).message).join("\n"), { cause: failed[0]?.reason });
    }
    return {
      services: {
        ca: { pem: certificates.ca, file: bundle },
        certificate: identity(certificates),
        untrusted: identity(makeCertificates()),
        postgres: postgres.value,
        redis: redis.value,
        smtp: mail.value.smtp,
      },
      stop: async () => {
        await Promise.all([mail.value.stop(), run.close()]);
      },
      logs: () => run.logs(),
    };
  } catch (cause) {
    await run.close();
    throw new Error(`The services did not start. ${(cause as Error).message}\n${run.logs()}`, { cause });
  }
}

function identity({ cert, key }: Certificates): Identity {
  return { cert, key };
}

function trustedBefore(): string {
  const file = process.env["NODE_EXTRA_CA_CERTS"];
  try {
    return file === undefined || file === "" ? "" : `${readFileSync(file, "utf8").trimEnd()}\n`;
  } catch {
    return ""; // Node and workerd ignore a file that they cannot read, too
  }
}
