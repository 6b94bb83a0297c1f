// What an observer hears of a client at work: sizes and counts, and nobody's address unless it asks.

import type { Operation, OperationEnd } from "@landline/core";
import type {} from "@landline/services/provided";
import { expect, inject, test } from "vitest";
import { smtp } from "../src/index.ts";

const { smtp: server } = inject("services");

test("messages and connections, without addresses or words", async () => {
  const heard: { readonly operation: Operation; end?: OperationEnd }[] = [];
  await using mail = smtp({
    url: server.url,
    observe: (operation) => {
      const entry: (typeof heard)[number] = { operation };
      heard.push(entry);
      return (end) => void (entry.end = end);
    },
  });
  const to = `${crypto.randomUUID()}@b.example`;
  const message = { from: "me@a.example", subject: "A secret", text: "Another secret" };
  const { messageId } = await mail.send({ ...message, to: [to, `refused-${to}`] });
  await mail.send({ ...message, to: `refused-${to}` }).catch(() => {});

  const [sent, refused] = heard.filter(({ operation }) => operation.kind === "send");
  expect(sent).toMatchObject({
    operation: {
      name: "send",
      attributes: {
        "messaging.system": "smtp",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "network.protocol.name": "smtp",
        "server.address": server.hostname,
        "server.port": server.tlsPort,
        "landline.smtp.recipients": 2,
      },
    },
    end: { attributes: { "landline.smtp.accepted": 1, "landline.smtp.rejected": 1, "landline.smtp.unknown": 0 } },
  });
  expect(sent?.operation.attributes["messaging.message.envelope.size"]).toBeGreaterThan(100);
  expect(refused?.end).toMatchObject({
    error: { outcome: "refused" },
    attributes: { "landline.smtp.phase": "rcpt", "landline.smtp.code": 550, "landline.smtp.rejected": 1 },
  });
  expect(heard.filter(({ operation }) => operation.kind === "connect")).toMatchObject([{ end: {} }]);
  const told = JSON.stringify(
    heard.map(({ operation, end }) => [operation.name, operation.attributes, end?.attributes]),
  );
  for (const secret of [to, "me@a.example", "secret", messageId, server.user.password])
    expect(told).not.toContain(secret);
  expect(sent?.operation.details()).toEqual({
    "landline.smtp.from": "me@a.example",
    "landline.smtp.to": `${to}, refused-${to}`,
    "messaging.message.id": messageId,
  });
});
