// The Worker in workerd, in front of a real nats-server.

import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";

const call = (path: string, init?: RequestInit): Promise<Response> =>
  exports.default.fetch(`http://worker.example${path}`, init as never);

test("what one request publishes, another one streams", async () => {
  const subject = `public.${crypto.randomUUID()}`;
  const listening = await call(`/${subject}`);
  expect(listening.headers.get("content-type")).toBe("text/event-stream");
  const reader = listening.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toBe(": listening\n\n");
  const next = reader.read();
  // Published until it is heard: nothing tells when the server knows of the subscription.
  let heard = false;
  void next.then(() => (heard = true));
  while (!heard) {
    expect((await call(`/${subject}`, { method: "POST", body: "first\nline" })).status).toBe(202);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect((await next).value).toBe(`data: ${JSON.stringify({ subject, data: "first\nline" })}\n\n`);
  await reader.cancel();
});

test("a question that nobody answers, and what is no subject", async () => {
  expect((await call("/public.nobody?ask", { method: "POST", body: "?" })).status).toBe(504);
  expect((await call("/public..x", { method: "POST", body: "?" })).status).toBe(400);
  expect((await call("/private.x", { method: "POST", body: "?" })).status).toBe(404);
});
