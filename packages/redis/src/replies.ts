// The replies that RESP2 and RESP3 tell in different ways, brought into one.

import { ProtocolError } from "@landline/core";
import type { Command, Reply, ReplyFormat } from "./protocol/messages.ts";
import { parseDouble, text } from "./protocol/scalars.ts";

/** A double, which RESP2 writes as a string. */
export function doubleOf(reply: Reply): number {
  if (typeof reply === "number") return reply;
  if (typeof reply === "bigint") return Number(reply);
  const value = parseDouble(textOf(reply));
  if (value === undefined) throw unexpected();
  return value;
}

/** A hash: an object of text with own keys only, whatever their names, or a `Map` of bytes. */
export function fieldsOf(
  reply: Reply,
  _command: Command,
  format: ReplyFormat,
): Record<string, Reply> | Map<Reply, Reply> {
  const pairs = pairsOf(reply);
  if (format.bytes) return new Map(pairs);
  const fields: Record<string, Reply> = {};
  for (const [field, value] of pairs) {
    const name = textOf(field);
    if (name === "__proto__")
      Object.defineProperty(fields, name, { value, configurable: true, enumerable: true, writable: true });
    else fields[name] = value;
  }
  return fields;
}

/** Members with their scores: pairs in RESP3, a flat list in RESP2. */
export function scoresOf(reply: Reply): [Reply, number][] {
  const items = listOf(reply);
  const flat = Array.isArray(items[0]) ? items.flat() : items;
  return pairsOf(flat as readonly Reply[]).map(([member, score]) => [member, doubleOf(score)]);
}

/** A cursor, as text whatever the format, and what it stands behind. */
export function scanOf(reply: Reply): [string, Reply] {
  const [cursor, items] = listOf(reply);
  if (cursor === undefined || items === undefined) throw unexpected();
  return [textOf(cursor), items];
}

function pairsOf(reply: Reply): [Reply, Reply][] {
  if (reply instanceof Map) return [...reply];
  const items = listOf(reply);
  if (items.length % 2 === 1) throw unexpected();
  const pairs: [Reply, Reply][] = [];
  for (let index = 0; index < items.length; index += 2) pairs.push([items[index] as Reply, items[index + 1] as Reply]);
  return pairs;
}

function listOf(reply: Reply): readonly Reply[] {
  if (!Array.isArray(reply)) throw unexpected();
  return reply as readonly Reply[];
}

function textOf(reply: Reply): string {
  if (typeof reply === "string") return reply;
  if (reply instanceof Uint8Array) return text(reply, 0, reply.length);
  throw unexpected();
}

function unexpected(): ProtocolError {
  return new ProtocolError("the server's reply does not have the form that its command has");
}
