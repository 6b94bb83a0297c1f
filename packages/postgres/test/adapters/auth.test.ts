// better-auth, and Auth.js' own Postgres adapter, on the facade's Pool.

import PostgresAdapter from "@auth/pg-adapter";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Pool } from "../../src/pg/index.ts";

const { url } = inject("services").postgres;
const schema = `auth_${crypto.randomUUID().slice(0, 8)}`;
const pool = new Pool({ connectionString: url, options: `-c search_path=${schema}`, max: 4 });

beforeAll(async () => {
  await pool.query(`create schema ${schema}`);
});
afterAll(async () => {
  await pool.query(`drop schema ${schema} cascade`);
  await pool.end();
});

describe("better-auth", () => {
  const auth = betterAuth({
    baseURL: "http://localhost:8787",
    secret: "a secret that is long enough for the tests of this project",
    database: pool,
    emailAndPassword: { enabled: true },
  });

  beforeAll(async () => {
    const { runMigrations } = await getMigrations(auth.options);
    await runMigrations();
  });

  test("signs up, in and out", async () => {
    const credentials = { email: "ada@example.com", password: "correct horse battery" };
    const { user } = await auth.api.signUpEmail({ body: { ...credentials, name: "Ada" } });
    expect(user).toMatchObject({ email: "ada@example.com", emailVerified: false });
    expect(user.createdAt).toBeInstanceOf(Date);
    const { headers } = await auth.api.signInEmail({ body: credentials, returnHeaders: true });
    const cookie = headers.get("set-cookie")?.split(";")[0] ?? "";
    const session = await auth.api.getSession({ headers: new Headers({ cookie }) });
    expect(session?.user.id).toBe(user.id);
    await auth.api.signOut({ headers: new Headers({ cookie }) });
    expect(await auth.api.getSession({ headers: new Headers({ cookie }) })).toBeNull();
    await expect(auth.api.signUpEmail({ body: { ...credentials, name: "Ada" } })).rejects.toThrow(/exist/i);
  });
});

describe("Auth.js", () => {
  const adapter = PostgresAdapter(pool) as Required<ReturnType<typeof PostgresAdapter>>;

  beforeAll(async () => {
    await pool.query(`
      create table verification_token (identifier text not null, expires timestamptz not null, token text not null,
        primary key (identifier, token));
      create table accounts (id serial primary key, "userId" int not null, type text not null, provider text not null,
        "providerAccountId" text not null, refresh_token text, access_token text, expires_at bigint, id_token text,
        scope text, session_state text, token_type text);
      create table sessions (id serial primary key, "userId" int not null, expires timestamptz not null,
        "sessionToken" text not null);
      create table users (id serial primary key, name text, email text, "emailVerified" timestamptz, image text)`);
  });

  test("keeps users, accounts, sessions and tokens", async () => {
    const verified = new Date("2020-02-29T12:00:00Z");
    const user = await adapter.createUser({ id: "", name: "Ada", email: "ada@example.com", emailVerified: verified });
    expect(user).toMatchObject({ name: "Ada", emailVerified: verified });
    await adapter.linkAccount({ userId: user.id, type: "oauth", provider: "github", providerAccountId: "7" } as never);
    expect(await adapter.getUserByAccount({ provider: "github", providerAccountId: "7" })).toEqual(user);
    const expires = new Date("2030-01-01T00:00:00Z");
    await adapter.createSession({ sessionToken: "s", userId: user.id, expires });
    expect(await adapter.getSessionAndUser("s")).toMatchObject({ session: { expires }, user: { id: user.id } });
    await adapter.createVerificationToken({ identifier: "ada@example.com", token: "t", expires });
    expect(await adapter.useVerificationToken({ identifier: "ada@example.com", token: "t" })).toMatchObject({
      expires,
    });
    expect(await adapter.useVerificationToken({ identifier: "ada@example.com", token: "t" })).toBeNull();
    await adapter.deleteSession("s");
    expect(await adapter.getSessionAndUser("s")).toBeNull();
  });
});
