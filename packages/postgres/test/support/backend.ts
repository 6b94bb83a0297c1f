// The server's half of the protocol, for tests: backend messages as bytes, and a scripted peer that answers what a client
// really sends.

import type { Transport } from "@landline/core";
import { ByteWriter } from "@landline/core/bytes";
import { BACKEND } from "../../src/protocol/messages.ts";

type Fill = (writer: ByteWriter) => void;

function frame(type: number, fill: Fill = () => {}): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(type);
  writer.i32(0);
  fill(writer);
  writer.setI32(1, writer.length - 1);
  return writer.take().slice();
}

function fieldsOf(fields: Record<string, string>): Fill {
  return (writer) => {
    for (const [code, value] of Object.entries(fields)) {
      writer.u8(code.charCodeAt(0));
      writer.cstring(value);
    }
    writer.u8(0);
  };
}

/** Backend messages as bytes, under their wire names. */
export const backend = {
  authentication: (method: number, fill: Fill = () => {}): Uint8Array =>
    frame(BACKEND.authentication, (writer) => {
      writer.i32(method);
      fill(writer);
    }),
  authenticationSASL: (...mechanisms: string[]): Uint8Array =>
    backend.authentication(10, (writer) => {
      for (const mechanism of mechanisms) writer.cstring(mechanism);
      writer.u8(0);
    }),
  backendKeyData: (processId: number, key: Uint8Array): Uint8Array =>
    frame(BACKEND.backendKeyData, (writer) => {
      writer.i32(processId);
      writer.bytes(key);
    }),
  parameterStatus: (name: string, value: string): Uint8Array =>
    frame(BACKEND.parameterStatus, (writer) => {
      writer.cstring(name);
      writer.cstring(value);
    }),
  readyForQuery: (status = "I"): Uint8Array =>
    frame(BACKEND.readyForQuery, (writer) => writer.u8(status.charCodeAt(0))),
  rowDescription: (...columns: [name: string, type: number][]): Uint8Array =>
    frame(BACKEND.rowDescription, (writer) => {
      writer.i16(columns.length);
      for (const [name, type] of columns) {
        writer.cstring(name);
        writer.i32(0);
        writer.i16(0);
        writer.i32(type);
        writer.i16(-1);
        writer.i32(-1);
        writer.i16(0);
      }
    }),
  dataRow: (...values: (string | null)[]): Uint8Array =>
    frame(BACKEND.dataRow, (writer) => {
      writer.i16(values.length);
      for (const value of values) {
        const at = writer.length;
        writer.i32(-1);
        if (value !== null) writer.setI32(at, writer.utf8(value));
      }
    }),
  commandComplete: (tag: string): Uint8Array => frame(BACKEND.commandComplete, (writer) => writer.cstring(tag)),
  errorResponse: (fields: Record<string, string>): Uint8Array => frame(BACKEND.errorResponse, fieldsOf(fields)),
  noticeResponse: (fields: Record<string, string>): Uint8Array => frame(BACKEND.noticeResponse, fieldsOf(fields)),
  notificationResponse: (channel: string, payload: string): Uint8Array =>
    frame(BACKEND.notificationResponse, (writer) => {
      writer.i32(7);
      writer.cstring(channel);
      writer.cstring(payload);
    }),
  empty: (type: number): Uint8Array => frame(type),
  raw: (type: number, fill: Fill): Uint8Array => frame(type, fill),
};

/** Several messages as one chunk. */
export function together(...messages: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  for (const message of messages) writer.bytes(message);
  return writer.take().slice();
}

/** What answers Parse, Bind, Describe, Execute, Sync of a query with one int4 column. */
export function answer(...values: readonly (string | null)[]): Uint8Array {
  return together(
    backend.empty(BACKEND.parseComplete),
    backend.empty(BACKEND.bindComplete),
    backend.rowDescription(["n", 23]),
    ...values.map((value) => backend.dataRow(value)),
    backend.commandComplete(`SELECT ${values.length}`),
    backend.readyForQuery(),
  );
}

/** The type letters of the frontend messages in `bytes`. */
function lettersOf(bytes: Uint8Array): string {
  let letters = "";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += 1 + view.getInt32(at + 1))
    letters += String.fromCharCode(bytes[at] as number);
  return letters;
}

/** Collects what a client sends; `take` waits until it holds `letter`, then hands everything over. */
export async function takeUntil(peer: Transport, letter: string): Promise<string> {
  let letters = "";
  while (!letters.includes(letter)) {
    const chunk = await peer.pull();
    if (chunk === undefined) throw new Error(`the client ended before it sent ${letter}`);
    letters += lettersOf(chunk);
  }
  return letters;
}
