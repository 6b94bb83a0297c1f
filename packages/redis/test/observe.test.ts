// What an observer hears of a client at work: names, outcomes, and no argument unless it asks.

import type { Operation, OperationEnd } from "@landline/core";
import type {} from "@landline/services/provided";
import { expect, inject, test } from "vitest";
import { redis } from "../src/index.ts";

const { redis: server } = inject("services");

test("commands, pipelines, transactions and connections, without their arguments", async () => {
  const heard: { readonly operation: Operation; end?: OperationEnd }[] = [];
  await using kv = redis(server.url, {
    observe: (operation) => {
      const entry: (typeof heard)[number] = { operation };
      heard.push(entry);
      return (end) => void (entry.end = end);
    },
  });
  const key = `observe:${crypto.randomUUID()}`;
  await kv.set(key, "a secret", "EX", 60);
  await kv.call("incr", key).catch(() => {});
  await kv.pipeline().get(key).del(key).exec();
  await kv.multi().set(key, new Uint8Array(3)).del(key).exec();
  await kv.pipeline().incr(key).incr(key).exec();
  await kv.pipeline().call("LPUSH", key, "v").del(key).exec();
  await using subscription = kv.subscribe(key);
  await subscription.ready;
  await using own = await kv.reserve();
  await own.get(key);

  const commands = heard.filter(({ operation }) => operation.kind === "command");
  expect(commands.map(({ operation }) => operation.name)).toEqual([
    "SET",
    "INCR",
    "PIPELINE",
    "MULTI",
    "PIPELINE INCR",
    "PIPELINE",
    "SUBSCRIBE",
    "GET",
  ]);
  expect(commands[0]).toMatchObject({
    operation: {
      attributes: {
        "db.system.name": "redis",
        "db.namespace": "0",
        "db.operation.name": "SET",
        "server.address": server.hostname,
        "server.port": server.port,
      },
    },
    end: {},
  });
  expect(commands[1]?.end).toMatchObject({ error: { code: "ERR" }, attributes: { "db.response.status_code": "ERR" } });
  expect(commands[2]?.operation.attributes).toMatchObject({ "db.operation.batch.size": 2 });
  expect(commands[5]?.end).toEqual({ attributes: { "landline.redis.errors": 1 } });
  expect(commands[6]?.end).toEqual({});
  expect(heard.filter(({ operation }) => operation.kind === "connect")).toHaveLength(2);
  expect(heard.filter(({ operation }) => operation.kind === "pool").map(({ operation }) => operation.name)).toEqual([
    "create",
    "wait",
    "created",
    "acquire",
  ]);
  const told = JSON.stringify(
    heard.map(({ operation, end }) => [operation.name, operation.attributes, end?.attributes]),
  );
  expect(told).not.toContain("a secret");
  expect(told).not.toContain(key);
  expect(told).not.toContain(server.user.password);
  expect(commands[0]?.operation.details()).toEqual({ "db.query.text": `SET ${key} a secret EX 60` });
  expect(commands[3]?.operation.details()).toEqual({ "db.query.text": `SET ${key} <3 bytes>\nDEL ${key}` });
});
