import { expect, test } from "vitest";
import { compose } from "./compose.ts";
import { toBytes, toStream } from "./sink.ts";

const CIRCUMSTANCES = { now: () => new Date(0), random: (bytes: number) => new Uint8Array(bytes) };
const message = (content: Uint8Array | (() => ReadableStream<Uint8Array>)) =>
  compose({ from: "a@a.example", to: "b@b.example", text: "x", attachments: [{ content }] }, CIRCUMSTANCES);

test("bytes and stream are the same message, in memory or from a stream", async () => {
  const content = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
  const eager = await toBytes(message(content));
  for (const made of [message(content), message(() => new Blob([content]).stream())]) {
    expect(await toBytes(made)).toEqual(eager);
    expect(new Uint8Array(await new Response(toStream(made)).arrayBuffer())).toEqual(eager);
  }
});

test("a stream that is given up lets its source go, and one that fails fails", async () => {
  let left = false;
  const source = (fails: boolean) => () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        if (fails) controller.error(new Error("the file went away"));
        else controller.enqueue(new Uint8Array(50_000));
      },
      cancel: () => void (left = true),
    });
  const reader = toStream(message(source(false))).getReader();
  for (let piece = 0; piece < 6; piece++) await reader.read();
  await reader.cancel();
  expect(left).toBe(true);
  await expect(toBytes(message(source(true)))).rejects.toThrow("the file went away");
  await expect(new Response(toStream(message(source(true)))).arrayBuffer()).rejects.toThrow("the file went away");
});
