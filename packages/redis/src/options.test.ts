import { describe, expect, it } from "vitest";
import { settingsOf } from "./options.ts";
import type { RedisOptions } from "./options.ts";

describe("settingsOf", () => {
  it.each([
    ["redis://h", { hostname: "h", port: 6379 }, "off", {}],
    ["redis://h:7000/3", { hostname: "h", port: 7000 }, "off", { database: 3 }],
    [
      "rediss://default:pw@eu1-abc-12345.upstash.io:6379",
      { hostname: "eu1-abc-12345.upstash.io", port: 6379 },
      "on",
      { username: "default", password: "pw" },
    ],
    ["redis://:pw@h", { hostname: "h", port: 6379 }, "off", { password: "pw" }],
    [
      "redis://user%40x:p%2Fw%25%3A%23@h",
      { hostname: "h", port: 6379 },
      "off",
      { username: "user@x", password: "p/w%:#" },
    ],
    ["redis://[::1]:6380/", { hostname: "::1", port: 6380 }, "off", {}],
    ["rediss://user@h", { hostname: "h", port: 6379 }, "on", { username: "user" }],
  ])("reads %s", (url, address, tls, login) => {
    const settings = settingsOf(url);
    expect(settings.address).toEqual(address);
    expect(settings.tls).toBe(tls);
    expect(JSON.parse(JSON.stringify(settings.handshake))).toEqual(login);
  });

  // The forms in which consoles and command lines print them; names and passwords are made up.
  it.each([
    ["Upstash", "rediss://default:AbC0xyz@eu1-able-cat-12345.upstash.io:6379", "on", "default"],
    [
      "Redis Cloud",
      "redis://default:p4ssw0rd@redis-12345.c1.eu-west-1-3.ec2.redns.redis-cloud.com:12345",
      "off",
      "default",
    ],
    [
      "Redis Cloud over TLS",
      "rediss://default:p4ssw0rd@redis-12345.c1.eu-west-1-3.ec2.redns.redis-cloud.com:12345",
      "on",
      "default",
    ],
    ["ElastiCache", "rediss://app:p4ssw0rd@master.my-cache.abc123.euw1.cache.amazonaws.com:6379", "on", "app"],
    ["ElastiCache Serverless", "rediss://my-cache-abc123.serverless.euw1.cache.amazonaws.com:6379", "on", undefined],
    ["MemoryDB", "rediss://app:p4ssw0rd@clustercfg.my-db.abc123.memorydb.eu-west-1.amazonaws.com:6379", "on", "app"],
    ["Azure Cache", "rediss://:cDQ%3D@my-cache.redis.cache.windows.net:6380", "on", undefined],
    ["Memorystore", "redis://10.0.0.3:6379", "off", undefined],
    ["Heroku", "rediss://:p1a2b3@ec2-1-2-3-4.eu-west-1.compute.amazonaws.com:12345", "on", undefined],
    ["Railway", "redis://default:p4ssw0rd@redis.railway.internal:6379", "off", "default"],
    ["Render", "rediss://red-abc123:p4ssw0rd@frankfurt-redis.render.com:6379", "on", "red-abc123"],
    ["Fly.io", "redis://default:p4ssw0rd@fly-my-cache.upstash.io:6379", "off", "default"],
    [
      "DigitalOcean",
      "rediss://default:AVNS_x-y@db-valkey-fra1-12345-do-user-1-0.b.db.ondigitalocean.com:25061",
      "on",
      "default",
    ],
    ["Aiven", "rediss://default:AVNS_x-y@my-valkey-my-project.a.aivencloud.com:12345", "on", "default"],
    ["Scaleway", "rediss://app:p%40ss@51.159.1.2:6379/0", "on", "app"],
    ["Docker Compose", "redis://cache", "off", undefined],
  ])("reads the URL of %s", (_name, text, tls, username) => {
    const { address, handshake, tls: mode } = settingsOf(text);
    const url = new URL(text);
    expect(address).toEqual({ hostname: url.hostname, port: Number(url.port || 6379) });
    expect(mode).toBe(tls);
    expect(handshake.username).toBe(username);
    expect(handshake.password).toBe(url.password === "" ? undefined : decodeURIComponent(url.password));
  });

  it("puts options above the URL", () => {
    const settings = settingsOf("redis://u:p@h:1/2", {
      port: 3,
      database: 4,
      username: "v",
      tls: "on",
      integers: "bigint",
      bytes: true,
    });
    expect(settings).toMatchObject({
      address: { hostname: "h", port: 3 },
      tls: "on",
      handshake: { username: "v", password: "p", database: 4 },
      format: { integers: "bigint", bytes: true },
    });
    expect(settingsOf({ url: "redis://h", hostname: "other" }).address.hostname).toBe("other");
    expect(settingsOf({}).address).toEqual({ hostname: "localhost", port: 6379 });
  });

  it.each([
    "redis://user:secret word@@h:x",
    "http://user:secret@h",
    "secret",
    "",
    "redis://user:secret%zz@h",
    "redis://user:secret@h/name",
    "redis://user:secret@h/0?protocol=3",
  ])("refuses %j without showing it", (url) => {
    const attempt = (): unknown => settingsOf(url);
    expect(attempt).toThrow(TypeError);
    try {
      attempt();
    } catch (error) {
      expect(JSON.stringify(Object.getOwnPropertyDescriptors(error))).not.toContain("secret");
    }
  });

  it("does not tell what is behind a ? that a password may hold", () => {
    const attempt = (): unknown => settingsOf("redis://user:12?secret@cache.example");
    expect(attempt).toThrow(/%3F/);
    expect(attempt).not.toThrow(/secret/);
  });

  it.each([
    { tls: "starttls" },
    { port: 0 },
    { hostname: "a b" },
    { protocol: 4 },
    { database: -1 },
    { database: 1.5 },
    { password: 1234 },
    { connectTimeout: 0 },
    { commandTimeout: Number.NaN },
    { maxInFlight: -1 },
    { integers: "int" },
  ])("refuses %j", (options) => {
    expect(() => settingsOf("redis://h", options as unknown as RedisOptions)).toThrow(TypeError);
  });
});
