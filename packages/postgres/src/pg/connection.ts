// The wire under a Client: login, frames out, messages in. It has the methods of node-postgres' Connection that query-like
// objects of others call in `submit(connection)`, and emits their events for those who listen.

import type { Transport } from "@landline/core";
import type { ByteWriter } from "@landline/core/bytes";
import { logIn, sendCancel } from "../connection.ts";
import type { Settings } from "../options.ts";
import * as encode from "../protocol/encoder.ts";
import type { DecoderSink } from "../protocol/decoder.ts";
import type { BackendMessage } from "../protocol/messages.ts";
import { emit, EventEmitter } from "./emitter.ts";
import { databaseError, foreignError, noticeMessage } from "./errors.ts";
import { ConnectionStream } from "./connection-stream.ts";
import type { ConnectionParameters } from "./parameters.ts";
import { fieldsOf } from "./result.ts";
import { prepareValue } from "./values.ts";

/** What hears the server: the Client. */
export interface Receiver extends DecoderSink {
  /** The connection broke. */
  broken(error: Error): void;
  /** The connection is over; called once, after `broken` if that came. */
  ended(): void;
}

/** Parse. */
export interface ParseConfig {
  readonly text: string;
  readonly name?: string | undefined;
  /** OIDs of the parameters; anything but a list is none. */
  readonly types?: unknown;
}

/** Bind. */
export interface BindConfig {
  readonly portal?: string | undefined;
  readonly statement?: string | undefined;
  readonly binary?: boolean | undefined;
  readonly values?: readonly unknown[] | null | undefined;
  readonly valueMapper?: ((value: unknown, index: number) => unknown) | undefined;
}

/** Execute. */
export interface ExecuteConfig {
  readonly portal?: string | undefined;
  /** 0, the default, for all. */
  readonly rows?: number | undefined;
}

/** What Describe and Close name: a statement or a portal. */
export interface Target {
  readonly type: "S" | "P";
  readonly name?: string | undefined;
}

const MAX_NAME_BYTES = 63;

/** One connection. */
export class Connection extends EventEmitter {
  /** Texts of the statements that the server has, by name. */
  parsedStatements: Record<string, string | undefined> = Object.create(null) as Record<string, string>;
  /** Texts of those that are on their way to it. */
  submittedNamedStatements: Record<string, string | undefined> = Object.create(null) as Record<string, string>;
  /** A {@link ConnectionStream}; in the types of node-postgres it is a Duplex, which this is not in all. */
  // oxlint-disable-next-line typescript/no-explicit-any -- so that a Client passes for one of @types/pg
  readonly stream: any;
  processId: number | undefined;
  secretKey: Uint8Array | undefined;
  readonly #receiver: Receiver;
  readonly #aborter = new AbortController();
  readonly #stream: ConnectionStream;
  #settings: Settings | undefined;
  #transport: Transport | undefined;
  #over = false;

  constructor(receiver: Receiver) {
    super();
    this.#receiver = receiver;
    this.stream = this.#stream = new ConnectionStream({
      isOver: () => this.#over || this.#aborter.signal.aborted,
      destroy: (error) => this.#destroy(error),
      end: () => this.end(),
      failed: (error) => this.#failed(error),
    });
  }

  /** Connects and logs in; false when it could not: then `broken` and `ended` have been called. */
  async open(parameters: ConnectionParameters): Promise<boolean> {
    try {
      const settings = parameters.settings();
      this.#settings = settings;
      const { transport, greeting } = await logIn(settings, this.#aborter.signal);
      this.#transport = transport;
      this.processId = greeting.processId;
      this.secretKey = greeting.secretKey;
      for (const [name, value] of greeting.parameters) {
        if (this.listenerCount("parameterStatus") > 0) this.#emit({ type: "parameterStatus", name, value });
      }
      this.#stream.attach(transport);
      const { decoder } = greeting;
      const sink: DecoderSink = {
        row: (bytes, start, end) => this.#receiver.row(bytes, start, end),
        copyData: (bytes, start, end) => this.#receiver.copyData(bytes, start, end),
        message: (message) => this.#message(message),
      };
      this.#stream.on("data", (chunk: Uint8Array) => decoder.push(chunk, sink));
      transport.receive({
        data: (chunk) => this.#stream.receive(chunk),
        end: () => {
          void transport.close();
          this.#end();
        },
        error: (cause) => this.#failed(foreignError(cause)),
      });
      void transport.closed.then(() => this.#end());
      return true;
    } catch (error) {
      // Who has ended it knows.
      if (!this.#aborter.signal.aborted) this.#receiver.broken(foreignError(error));
      this.#end();
      return false;
    }
  }

  #failed(error: Error): void {
    if (!this.#over && !this.#aborter.signal.aborted) this.#receiver.broken(error);
    this.#end();
  }

  /** Asks the server to cancel what this connection is doing. */
  async cancel(): Promise<void> {
    const settings = this.#settings;
    if (settings === undefined || this.#transport === undefined || this.secretKey === undefined) return;
    await sendCancel(settings, this.#transport.info.secure, this.processId ?? 0, this.secretKey);
  }

  query(text: string): void {
    this.#write((writer) => encode.query(writer, text));
  }

  parse({ text, name = "", types }: ParseConfig, _more?: boolean): void {
    if (name.length > MAX_NAME_BYTES) {
      console.error(
        `Warning! Postgres only supports ${MAX_NAME_BYTES} characters for query names. The name of ${name.length} characters will be cut, and may then be that of another.`,
      );
    }
    this.#write((writer) => encode.parse(writer, name, text, Array.isArray(types) ? (types as number[]) : []));
  }

  /** @throws what the mapper throws. */
  bind({ portal, statement, binary, values, valueMapper }: BindConfig = {}, _more?: boolean): void {
    const prepared = (values ?? []).map((value, index) => prepareValue(valueMapper?.(value, index) ?? value));
    this.#write((writer) => encode.bind(writer, statement ?? "", prepared, binary === true ? [1] : [], portal ?? ""));
  }

  describe({ type, name = "" }: Target, _more?: boolean): void {
    this.#write((writer) =>
      type === "P" ? encode.describePortal(writer, name) : encode.describeStatement(writer, name),
    );
  }

  execute({ portal = "", rows = 0 }: ExecuteConfig = {}, _more?: boolean): void {
    this.#write((writer) => encode.execute(writer, portal, rows));
  }

  close({ type, name = "" }: Target, _more?: boolean): void {
    this.#write((writer) => (type === "P" ? encode.closePortal(writer, name) : encode.closeStatement(writer, name)));
  }

  flush(): void {
    this.#write(encode.flush);
  }

  sync(): void {
    this.#write(encode.sync);
  }

  sendCopyFromChunk(chunk: Uint8Array): void {
    this.#write((writer) => encode.copyData(writer, chunk));
  }

  endCopyFrom(): void {
    this.#write(encode.copyDone);
  }

  sendCopyFail(reason: string): void {
    this.#write((writer) => encode.copyFail(writer, reason));
  }

  ref(): void {
    this.#stream.ref();
  }

  unref(): void {
    this.#stream.unref();
  }

  /** Says goodbye, and closes. */
  end(): void {
    const transport = this.#transport;
    if (transport === undefined || this.#over) return this.#destroy();
    encode.terminate(transport.writer);
    void transport.close().then(() => this.#end());
  }

  /** Either all of what `work` writes is sent, or, when it throws, nothing. */
  whole(work: () => void): void {
    const transport = this.#transport;
    const mark = transport?.writer.length ?? 0;
    try {
      work();
    } catch (error) {
      transport?.writer.rewind(mark);
      throw error;
    }
  }

  /** What is written to a connection that is over is nobody's: those who wait have been told. */
  #write(write: (writer: ByteWriter) => void): void {
    const transport = this.#transport;
    if (transport !== undefined && !this.#over) write(transport.writer);
  }

  #destroy(error: Error = new Error("Connection terminated")): void {
    if (this.#over || this.#aborter.signal.aborted) return;
    this.#aborter.abort(error);
    this.#transport?.abort(error);
    if (this.#transport !== undefined) queueMicrotask(() => this.#end());
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#receiver.ended();
    emit(this, "end");
    this.#stream.over();
  }

  #message(message: BackendMessage): void {
    this.#receiver.message(message);
    this.#emit(message);
  }

  /** For those who listen to the connection itself; nothing is made for nobody. */
  #emit(message: BackendMessage): void {
    const name = EVENTS[message.type] ?? message.type;
    if (this.listenerCount(name) > 0) emit(this, name, foreignMessage(message));
  }
}

const EVENTS: Partial<Record<BackendMessage["type"], string>> = {
  emptyQueryResponse: "emptyQuery",
  errorResponse: "errorMessage",
  noticeResponse: "notice",
  notificationResponse: "notification",
};

/** A message as node-postgres names its parts. */
function foreignMessage(message: BackendMessage): unknown {
  switch (message.type) {
    case "rowDescription":
      return { name: message.type, fieldCount: message.columns.length, fields: fieldsOf(message.columns) };
    case "commandComplete":
      return { name: message.type, text: message.tag };
    case "parameterStatus":
      return { name: message.type, parameterName: message.name, parameterValue: message.value };
    case "errorResponse":
      return databaseError(message.fields);
    case "noticeResponse":
      return noticeMessage(message.fields);
    case "notificationResponse":
      return { name: "notification", ...message };
    default:
      return { name: message.type, ...message };
  }
}
