// The services' addresses as the Worker's secrets.

import type {} from "@landline/services/provided";
import type { ProvidedContext } from "vitest";

/** What `.dev.vars` would hold. */
export function urlsOf(
  { postgres }: ProvidedContext["services"],
  proxy: ProvidedContext["tlsProxy"],
): { readonly DATABASE_URL: string; readonly DATABASE_TLS_URL: string } {
  const { username, password } = postgres.users.scram;
  const at = (hostname: string, port: number): string =>
    `postgres://${username}:${password}@${hostname}:${port}/${postgres.database}`;
  return { DATABASE_URL: at(postgres.hostname, postgres.port), DATABASE_TLS_URL: at(proxy.hostname, proxy.port) };
}
