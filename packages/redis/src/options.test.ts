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
