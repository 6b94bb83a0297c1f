// URLs as hosting services print them, and everything that must be refused by name.

import { describe, expect, test } from "vitest";
import { postgres } from "./client.ts";
import { parseOptions } from "./options.ts";
import { encodeParameters } from "./types/parameter.ts";

describe("URLs", () => {
  test("of Neon, Supabase, RDS, Heroku and Hyperdrive", () => {
    expect(
      parseOptions("postgresql://app:p%40ss%2F%23@ep-cool-1.eu-central-1.aws.neon.tech/neondb?sslmode=require"),
    ).toMatchObject({
      address: { hostname: "ep-cool-1.eu-central-1.aws.neon.tech", port: 5432 },
      user: "app",
      password: "p@ss/#",
      tls: "starttls",
      tlsOptions: {},
    });
    expect(
      parseOptions(
        "postgres://postgres.abc:pw@aws-0.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1",
      ),
    ).toMatchObject({
      address: { port: 6543 },
      user: "postgres.abc",
      maxStatements: 0,
      max: 1,
    });
    expect(
      parseOptions(
        "postgres://u@db.rds.amazonaws.com/x?sslmode=verify-full&sslrootcert=system&application_name=a+b&connect_timeout=3",
      ),
    ).toMatchObject({
      tls: "starttls",
      connectTimeout: 3000,
      startup: new Map([
        ["database", "x"],
        ["client_encoding", "UTF8"],
        ["DateStyle", "ISO"],
        ["application_name", "a+b"],
      ]),
    });
    expect(
      parseOptions({ connectionString: "postgresql://u:p@abc.hyperdrive.local:5432/db?sslmode=disable" }),
    ).toMatchObject({ tls: "off", maxStatements: 0 });
    expect(parseOptions("postgres://u@[::1]:5433")).toMatchObject({ address: { hostname: "::1", port: 5433 } });
  });

  test("what asks for encryption gets it verified; only no-verify says otherwise", () => {
    for (const mode of ["require", "verify-ca", "verify-full"]) {
      expect(parseOptions(`postgres://u@h/d?sslmode=${mode}`)).toMatchObject({ tls: "starttls", tlsOptions: {} });
    }
    expect(parseOptions("postgres://u@h/d")).toMatchObject({ tls: "starttls" });
    expect(parseOptions("postgres://u@h/d?sslmode=prefer")).toMatchObject({ tls: "prefer" });
    expect(parseOptions("postgres://u@h/d?sslmode=disable")).toMatchObject({ tls: "off" });
    expect(parseOptions("postgres://u@h/d?sslmode=no-verify")).toMatchObject({
      tls: "starttls",
      tlsOptions: { rejectUnauthorized: false },
    });
    expect(parseOptions("postgres://u@h/d?sslnegotiation=direct&sslmode=require")).toMatchObject({
      tls: "on",
      tlsOptions: { alpn: ["postgresql"] },
    });
  });

  test("options override the URL; settings are joined", () => {
    const settings = parseOptions({
      url: "postgres://u@h/d?search_path=a&statement_timeout=5s",
      user: "v",
      settings: { search_path: "b" },
    });
    expect(settings.user).toBe("v");
    expect(settings.startup.get("search_path")).toBe("b");
    expect(settings.startup.get("statement_timeout")).toBe("5s");
  });

  test("require_auth", () => {
    expect(parseOptions("postgres://u@h/d?require_auth=scram-sha-256").auth).toEqual(["scram-sha-256"]);
    expect(parseOptions("postgres://u@h/d?require_auth=!password,!none").auth).toEqual(["scram-sha-256", "md5"]);
  });

  test.each([
    ["", /postgres:\/\//],
    ["mysql://u@h/d", /postgres:\/\//],
    ["postgres://u:p@ss/w#rd@h/d", /percent-encoded/],
    ["postgres://u:p@h1:1,h2:2/d", /one host/],
    ["postgres://u:50%off@h/d", /%25/],
    ["postgres://h/d", /user is missing/],
    ["postgres://u@h/d%00x", /NUL/],
    ["postgres://u%00role%00postgres@h/d", /NUL/],
    ["postgres://u@h/d?application_name=x%00work_mem%00999", /NUL/],
    ["postgres://u@h/d?sslmode=allow", /sslmode/],
    ["postgres://u@h/d?sslmode=toString", /sslmode/],
    ["postgres://u@h/d?channel_binding=require", /channel_binding/],
    ["postgres://u@h/d?sslrootcert=/etc/ca.pem", /tls: \{ ca \}/],
    ["postgres://u@h/d?sslmode=disable&sslnegotiation=direct", /sslnegotiation/],
    ["postgres://u@h/d?target_session_attrs=primary", /target_session_attrs/],
    ["postgres://u@h/d?client_encoding=latin1", /client_encoding/],
    ["postgres://u@h/d?gssencmode=require", /gssencmode/],
    ["postgres://u@h/d?schema=x&sslfoo=1", /schema, sslfoo/],
    ["postgres://u@h/d?require_auth=scram-sha-256,!md5", /require_auth/],
  ])("refused: %s", (url, message) => {
    expect(() => postgres(url)).toThrow(TypeError);
    expect(() => postgres(url)).toThrow(message);
  });

  test("no refusal repeats a password", () => {
    for (const url of [
      "postgres://u:hunter2@h:x/d",
      "postgres://u:hunter2@h/d?nonsense=1",
      "postgres://u:hunter2%@h/d",
      "postgres://u:12?hunter2=@h/d",
    ]) {
      try {
        postgres(url);
        expect.unreachable();
      } catch (error) {
        expect(String(error)).not.toContain("hunter2");
      }
    }
  });
});

describe("options", () => {
  test.each([
    [{ user: "u", port: 0 }],
    [{ user: "u", host: "a b" }],
    [{ user: "u\0role\0postgres" }],
    [{ user: "u", password: "a\0b" }],
    [{ user: "u", tls: "maybe" }],
    [{ user: "u", tls: { mode: "sometimes" } }],
    [{ user: "u", max: 0 }],
    [{ user: "u", connectTimeout: -1 }],
    [{ user: "u", queryTimeout: Number.NaN }],
    [{ user: "u", pooling: "statement" }],
    [{ user: "u", auth: ["gss"] }],
    [{ user: "u", settings: { client_encoding: "LATIN1" } }],
    [{ user: "u", settings: { DATESTYLE: "German" } }],
    [{ user: "u", settings: { "a\0b": "c" } }],
    [{ user: "u", settings: { search_path: "a\0b" } }],
    [{}],
    [null],
    [7],
  ])("refused: %j", (options) => {
    expect(() => postgres(options as never)).toThrow(TypeError);
  });
});

describe("parameters", () => {
  test("what cannot be one is named by its place", () => {
    for (const value of [undefined, Symbol("s"), () => 1, new Date(Number.NaN), "a\0b", [undefined], ["a\0b"]]) {
      expect(() => encodeParameters([1, value])).toThrow(/parameter \$2/);
    }
  });

  test("types are declared only for booleans, bytes and what says so", () => {
    expect(encodeParameters([1, "x", null, [true]]).types).toEqual([]);
    expect(encodeParameters([1, true, new Uint8Array(1)]).types).toEqual([0, 16, 17]);
  });
});
