// A database for one test file, so that files can run at the same time and may drop what they like.

import { postgres } from "@landline/postgres";
import type {} from "@landline/services/provided";
import type { ProvidedContext } from "vitest";

/** Creates a database that belongs to the role of `services.postgres.url`; returns its URL. */
export async function createDatabase({ postgres: server }: ProvidedContext["services"]): Promise<string> {
  const name = `guestbook_${crypto.randomUUID().replaceAll("-", "")}`;
  await using admin = postgres(server.adminUrl);
  await admin.unsafe(`create database ${name} owner ${server.users.scram.username}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}
