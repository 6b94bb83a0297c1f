// URLs as hosting services print them, and everything that must be refused by name.

import { describe, expect, test } from "vitest";
import { postgres } from "./client.ts";
import { parseOptions } from "./options.ts";
import { encodeParameters } from "./types/parameter.ts";

/** What hosting services print, and others have in their documents. */
const PRINTED: { from: string; url: string; expected: object }[] = [
  {
    from: "Neon",
    url: "postgresql://app:p%40ss%2F%23@ep-cool-1.eu-central-1.aws.neon.tech/neondb?sslmode=require",
    expected: {
      address: { hostname: "ep-cool-1.eu-central-1.aws.neon.tech", port: 5432 },
      user: "app",
      password: "p@ss/#",
      tls: "starttls",
      tlsOptions: {},
    },
  },
  {
    from: "Neon, pooled",
    url: "postgresql://app:pw@ep-cool-1-pooler.c-2.us-east-2.aws.neon.tech/neondb?sslmode=require&channel_binding=prefer&options=endpoint%3Dep-cool-1",
    expected: { tls: "starttls", startup: expect.toSatisfy((map) => map.get("options") === "endpoint=ep-cool-1") },
  },
  {
    from: "Supabase, direct",
    url: "postgresql://postgres:pw@db.abcdefghijklmnop.supabase.co:5432/postgres",
    expected: { address: { hostname: "db.abcdefghijklmnop.supabase.co" }, tls: "starttls" },
  },
  {
    from: "Supabase, pooled, for Prisma",
    url: "postgres://postgres.abc:pw@aws-0.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1",
    expected: { address: { port: 6543 }, user: "postgres.abc", maxStatements: 0, max: 1 },
  },
  {
    from: "RDS",
    url: "postgres://u@db.rds.amazonaws.com/x?sslmode=verify-full&sslrootcert=system&application_name=a+b&connect_timeout=3",
    expected: {
      tls: "starttls",
      connectTimeout: 3000,
      startup: new Map([
        ["database", "x"],
        ["client_encoding", "UTF8"],
        ["DateStyle", "ISO"],
        ["application_name", "a+b"],
      ]),
    },
  },
  {
    from: "Aurora, as keywords",
    url: "host=c.cluster-ro-1.eu-west-1.rds.amazonaws.com port=5432 dbname=app user=app password='p w' sslmode=verify-full sslrootcert=system",
    expected: { password: "p w", tls: "starttls" },
  },
  {
    from: "Heroku",
    url: "postgres://uabc:p12@ec2-1-2-3-4.compute-1.amazonaws.com:5432/dabc",
    expected: { user: "uabc", password: "p12", tls: "starttls" },
  },
  {
    from: "Render",
    url: "postgresql://app:pw@dpg-abc-a.frankfurt-postgres.render.com/app_x1",
    expected: { address: { hostname: "dpg-abc-a.frankfurt-postgres.render.com", port: 5432 } },
  },
  {
    from: "Railway",
    url: "postgresql://postgres:pw@roundhouse.proxy.rlwy.net:12345/railway",
    expected: { address: { port: 12_345 } },
  },
  {
    from: "Fly.io",
    url: "postgres://postgres:pw@app-db.flycast:5432/app?sslmode=disable",
    expected: { tls: "off", user: "postgres" },
  },
  {
    from: "DigitalOcean",
    url: "postgresql://doadmin:AVNS_x@db-1-do-user-1-0.b.db.ondigitalocean.com:25060/defaultdb?sslmode=require",
    expected: { address: { port: 25_060 }, tls: "starttls" },
  },
  {
    from: "Aiven",
    url: "postgres://avnadmin:AVNS_x@pg-1-app.a.aivencloud.com:12691/defaultdb?sslmode=require",
    expected: { tls: "starttls" },
  },
  {
    from: "Azure",
    url: "host=app.postgres.database.azure.com port=5432 dbname=postgres user=app@tenant password=pw sslmode=require",
    expected: { user: "app@tenant" },
  },
  {
    from: "Cloud SQL, by address",
    url: "postgresql://app:pw@34.1.2.3:5432/app?sslmode=require",
    expected: { address: { hostname: "34.1.2.3" } },
  },
  {
    from: "CockroachDB",
    url: "postgresql://app:pw@free-1.aws-eu-central-1.cockroachlabs.cloud:26257/defaultdb?sslmode=verify-full",
    expected: { address: { port: 26_257 } },
  },
  {
    from: "Patroni's documents",
    url: "postgres://app:pw@node1:5432,node2,[::1]:5434/app?target_session_attrs=read-write&load_balance_hosts=random",
    expected: {
      hosts: [
        { hostname: "node1", port: 5432 },
        { hostname: "node2", port: 5432 },
        { hostname: "::1", port: 5434 },
      ],
      target: "read-write",
      loadBalance: true,
    },
  },
  {
    from: "a server at home",
    url: "postgres://u@[::1]:5433",
    expected: { address: { hostname: "::1", port: 5433 } },
  },
];

describe("URLs", () => {
  test("a Hyperdrive binding", () => {
    const binding = { connectionString: "postgresql://u:p@abc.hyperdrive.local:5432/db?sslmode=disable" };
    expect(parseOptions(binding)).toMatchObject({ tls: "off", maxStatements: 0, pooling: "transaction" });
  });

  test.each(PRINTED)("as $from prints it", ({ url, expected }) => {
    expect(parseOptions(url)).toMatchObject(expected);
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
    ["postgres://u:p@h1:1,h2:x/d", /port/],
    ["postgres://u:p@h1,h 2/d", /host/],
    ["postgres://u:p@h1,h2/d?port=1,2,3", /port/],
    ["host=h", /user is missing/],
    ["host=h user='u", /name=value/],
    ["host=h user=u hostaddr=127.0.0.1", /hostaddr/],
    ["host=h user=u nonsense=1", /nonsense/],
    ["postgres://u:50%off@h/d", /%25/],
    ["postgres://h/d", /user is missing/],
    ["postgres://u@h/d%00x", /NUL/],
    ["postgres://u%00role%00postgres@h/d", /NUL/],
    ["postgres://u@h/d?application_name=x%00work_mem%00999", /NUL/],
    ["postgres://u@h/d?sslmode=allow", /sslmode/],
    ["postgres://u@h/d?sslmode=toString", /sslmode/],
    ["postgres://u@h/d?channel_binding=yes", /channel_binding/],
    ["postgres://u@h/d?sslrootcert=/etc/ca.pem", /tls: \{ ca \}/],
    ["postgres://u@h/d?sslmode=disable&sslnegotiation=direct", /sslnegotiation/],
    ["postgres://u@h/d?target_session_attrs=leader", /targetSession/],
    ["postgres://u@h/d?load_balance_hosts=yes", /load_balance_hosts/],
    ["postgres://u@h/d?min_protocol_version=3.2&max_protocol_version=3.0", /minProtocol/],
    ["postgres://u@h/d?max_protocol_version=4.0", /max_protocol_version/],
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
      "postgres://u:hunter2@h,h:x/d",
      "host=h user=u password='hunter2",
      "host=h user=u password=hunter2 nonsense=1",
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

describe("keywords", () => {
  test.each([
    ["host=db.example port=5433 user=u dbname=d", { address: { hostname: "db.example", port: 5433 }, user: "u" }],
    [" user = u  password = 'it\\'s a \\\\ secret' host=h ", { password: "it's a \\ secret" }],
    ["user=u password='' host=h", { password: "" }],
    ["user=u password=a\\ b host=h", { password: "a b" }],
    ["user=u host=h sslnegotiation=direct sslmode=require", { tls: "on", tlsOptions: { alpn: ["postgresql"] } }],
    ["user=u host=h,i,j port=1,2,3", { hosts: [{ hostname: "h", port: 1 }, { port: 2 }, { hostname: "j", port: 3 }] }],
    ["user=u host=h,i", { hosts: [{ port: 5432 }, { port: 5432 }] }],
    [
      "user=u host=h options='-c work_mem=1MB'",
      { startup: expect.toSatisfy((map) => map.get("options") === "-c work_mem=1MB") },
    ],
  ])("%s", (text, expected) => {
    expect(parseOptions(text)).toMatchObject(expected);
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
    [{ user: "u", settings: { extra_float_digits: "0" } }],
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
