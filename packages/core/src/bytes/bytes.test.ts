import fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError } from "../errors.ts";
import { transportPair } from "../testing/transport-pair.ts";
import { ByteReader } from "./reader.ts";
import type { ByteSource } from "./reader.ts";
import { ByteWriter } from "./writer.ts";

const encoder = new TextEncoder();

/** Gives `bytes` in the given sizes, then the end. `left` is what was put back and not pulled again. */
class Source implements ByteSource {
  left = new Uint8Array(0);
  readonly #bytes: Uint8Array;
  readonly #sizes: readonly number[];
  #at = 0;
  #index = 0;

  constructor(bytes: Uint8Array, sizes: readonly number[]) {
    this.#bytes = bytes;
    this.#sizes = sizes;
  }

  pull(): Promise<Uint8Array | undefined> {
    const { left } = this;
    if (left.length > 0) {
      this.left = new Uint8Array(0);
      return Promise.resolve(left);
    }
    if (this.#at >= this.#bytes.length) return Promise.resolve(undefined);
    const size = this.#sizes[this.#index++ % this.#sizes.length] ?? 1;
    const chunk = this.#bytes.slice(this.#at, this.#at + size);
    this.#at += chunk.length;
    return Promise.resolve(chunk);
  }

  unread(bytes: Uint8Array): void {
    this.left = Uint8Array.of(...bytes, ...this.left);
  }
}

test("the writer writes what the platform's own encoders write", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer(), fc.uint8Array(), (string, integer, bytes) => {
      const writer = new ByteWriter(1);
      writer.u8(7);
      writer.i16(integer);
      writer.i32(integer);
      const length = writer.utf8(string);
      writer.bytes(bytes);
      const expected = encoder.encode(string);
      const head = new DataView(new ArrayBuffer(7));
      head.setUint8(0, 7);
      head.setInt16(1, integer);
      head.setInt32(3, integer);
      expect(length).toBe(expected.length);
      expect([...writer.take()]).toEqual([...new Uint8Array(head.buffer), ...expected, ...bytes]);
    }),
  );
});

test("a taken buffer stays as it is until it is given back", () => {
  const writer = new ByteWriter();
  writer.utf8("first");
  const first = writer.take();
  writer.utf8("other");
  expect(new TextDecoder().decode(first)).toBe("first");
  const second = writer.take();
  writer.recycle(first);
  writer.recycle(second);
  writer.utf8("third");
  expect(new TextDecoder().decode(writer.take())).toBe("third");
});

test("a half-written frame can be taken back, and a length patched in", () => {
  const writer = new ByteWriter();
  writer.utf8("kept");
  const mark = writer.length;
  writer.utf8("dropped");
  writer.rewind(mark);
  const at = writer.length;
  writer.i32(0);
  writer.utf8("body");
  writer.setI32(at, writer.length - at);
  expect([...writer.take()]).toEqual([...encoder.encode("kept"), 0, 0, 0, 8, ...encoder.encode("body")]);
});

test("a NUL in a C string is refused", () => {
  expect(() => new ByteWriter().cstring("a\0b")).toThrow(TypeError);
});

test("lines and counts are read the same however the bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[a-zé€]{0,9}$/), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      async (lines, sizes) => {
        const bytes = encoder.encode(lines.map((line) => `${line}\r\n`).join("") + "tail");
        const source = new Source(bytes, sizes);
        const reader = new ByteReader(source);
        for (const line of lines) expect(await reader.readLine()).toBe(line);
        expect([...(await reader.readExactly(4))]).toEqual([...encoder.encode("tail")]);
        expect(source.left).toHaveLength(0);
      },
    ),
  );
});

test("a reader tells how much was missing, and keeps what came", async () => {
  const source = new Source(encoder.encode("abc"), [2]);
  const reader = new ByteReader(source);
  const error = await reader.readExactly(5).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(ProtocolError);
  expect(error).toMatchObject({ code: "PROTOCOL_TRUNCATED" });
  expect((error as Error).message).toContain("5 bytes were needed and 3 came");
  expect([...source.left]).toEqual([...encoder.encode("abc")]);
  expect([...(await reader.readExactly(3))]).toEqual([...encoder.encode("abc")]);
});

test("a line has a limit, and one that is over it can still be read", async () => {
  const reader = new ByteReader(new Source(new Uint8Array(1000).fill(0x61), [100]));
  await expect(reader.readLine({ maxBytes: 256 })).rejects.toMatchObject({ code: "PROTOCOL_LIMIT" });
  expect((await reader.readExactly(1000)).every((byte) => byte === 0x61)).toBe(true);
});

test("what ends by any byte is read up to it, and an end that never comes loses nothing", async () => {
  const source = new Source(encoder.encode("key\0value\0rest"), [5]);
  const reader = new ByteReader(source);
  expect([...(await reader.readUntil(0))]).toEqual([...encoder.encode("key")]);
  expect([...(await reader.readUntil(0))]).toEqual([...encoder.encode("value")]);
  await expect(reader.readUntil(0)).rejects.toMatchObject({ code: "PROTOCOL_TRUNCATED" });
  expect([...(await reader.readExactly(4))]).toEqual([...encoder.encode("rest")]);
});

test("what is passed over is gone, also where too little came", async () => {
  const source = new Source(encoder.encode("abc"), [2]);
  await expect(new ByteReader(source).skip(5)).rejects.toThrow("5 bytes were needed and 3 came");
  expect(source.left).toHaveLength(0);
});

test("a read that is given up loses no bytes", async () => {
  const [client, server] = await transportPair();
  const reader = new ByteReader(client);
  const target = new Uint8Array(4);
  server.write(encoder.encode("ab"));
  await expect(reader.readExactly(4, { timeout: 5 })).rejects.toMatchObject({ name: "TimeoutError", code: "TIMEOUT" });
  await expect(reader.readInto(target, { timeout: 5 })).rejects.toMatchObject({ name: "TimeoutError" });
  const controller = new AbortController();
  const reason = new Error("enough");
  const reading = reader.readLine({ signal: controller.signal });
  controller.abort(reason);
  await expect(reading).rejects.toBe(reason);
  await expect(reader.readLine({ signal: controller.signal })).rejects.toBe(reason);
  server.write(encoder.encode("cd\n"));
  expect(await reader.readLine()).toBe("abcd");
});

test("what a reader did not use is there for whoever reads next", async () => {
  const [client, server] = await transportPair();
  server.write(encoder.encode("line\nrest"));
  expect(await new ByteReader(client).readLine()).toBe("line");
  const received: string[] = [];
  const ended = Promise.withResolvers<void>();
  server.end();
  client.receive({
    data: (chunk) => received.push(new TextDecoder().decode(chunk)),
    end: ended.resolve,
    error: ended.reject,
  });
  await ended.promise;
  expect(received.join("")).toBe("rest");
});

test("integers, peeks and skips see the same bytes", async () => {
  const bytes = new Uint8Array([1, 2, 3, 255, 255, 255, 254, 255, 255, 255, 255, 255, 255, 255, 255, 9, 9, 9, 7]);
  const reader = new ByteReader(new Source(bytes, [2]));
  expect([...(await reader.peek(3))]).toEqual([1, 2, 3]);
  expect(await reader.readU8()).toBe(1);
  expect(await reader.readU16()).toBe(0x0203);
  expect(await reader.readI32()).toBe(-2);
  expect(await reader.readI64()).toBe(-1n);
  await reader.skip(3);
  const rest = new Uint8Array(1);
  await reader.readInto(rest);
  expect(rest[0]).toBe(7);
  await expect(reader.readU32()).rejects.toMatchObject({ code: "PROTOCOL_TRUNCATED" });
});

test("a read of 64 MiB copies each byte three times at most, and takes no more than three times the room", async () => {
  const total = 64 * 1024 * 1024;
  let left = total / 65_536;
  const reader = new ByteReader({
    pull: () => Promise.resolve(left-- > 0 ? new Uint8Array(65_536) : undefined),
    unread: (bytes) => expect(bytes.length).toBe(0),
  });
  let copied = 0;
  let taken = 0;
  const { set, slice } = Uint8Array.prototype;
  const reserve = ByteWriter.prototype.reserve;
  Uint8Array.prototype.set = function (source, at) {
    copied += source.length;
    set.call(this, source, at);
  };
  Uint8Array.prototype.slice = function (from, to) {
    const copy = slice.call(this, from, to);
    copied += copy.length;
    taken += copy.length;
    return copy as Uint8Array<ArrayBuffer>;
  };
  ByteWriter.prototype.reserve = function (bytes) {
    const before = this.buffer.length;
    const at = reserve.call(this, bytes);
    if (this.buffer.length !== before) taken += this.buffer.length;
    return at;
  };
  try {
    expect((await reader.readExactly(total)).length).toBe(total);
  } finally {
    Object.assign(Uint8Array.prototype, { set, slice });
    ByteWriter.prototype.reserve = reserve;
  }
  expect(left).toBe(0);
  expect(copied / total).toBeLessThanOrEqual(3);
  expect(taken / total).toBeLessThanOrEqual(3);
});

test("large reads and long drips take time in proportion to their size", async () => {
  const source = new Source(new Uint8Array(16 * 1024 * 1024), [4096]);
  const large = new ByteReader(source);
  expect((await large.readExactly(16 * 1024 * 1024)).length).toBe(16 * 1024 * 1024);
  expect(source.left).toHaveLength(0);
  // A line that comes one byte at a time is scanned once, not once for each byte: quadratic work would not end in time.
  const drip = new ByteReader(new Source(encoder.encode(`${"a".repeat(200_000)}\n`), [1]));
  expect((await drip.readLine({ maxBytes: 200_000 })).length).toBe(200_000);
});
