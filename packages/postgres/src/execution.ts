// One flight of one caller's statements on a session: writes it, collects what answers it, and tells the caller once. The
// whole flight leaves at once, under one Sync: nothing ever waits between Parse and Bind.

import { LandlineError, ProtocolError } from "@landline/core";
import { broken } from "./protocol/bytes.ts";
import type { ByteWriter } from "@landline/core/bytes";
import { PostgresError, serverError } from "./errors.ts";
import {
  bind,
  closePortal,
  closeStatement,
  describePortal,
  describeStatement,
  execute,
  parse,
  query,
  sync,
} from "./protocol/encoder.ts";
import type { BackendMessage } from "./protocol/messages.ts";
import { Result } from "./result.ts";
import type { Exchange, ReplySink, Request, Session } from "./session.ts";
import { statementKey, type Statement } from "./statements.ts";
import type { Task } from "./task.ts";
import { NO_PARAMETERS, type EncodedParameters } from "./types/parameter.ts";
import { STRING, type Registry } from "./types/registry.ts";
import { planBinary, planRows, readArray, readObject, readRaw, type RowPlan } from "./types/row.ts";

/** What to run and how. */
export interface ExecutionInit {
  readonly text: string;
  readonly parameters: EncodedParameters;
  /** The simple protocol: several statements, no parameters. */
  readonly simple: boolean;
  /** Rows as arrays instead of objects. */
  readonly arrays?: boolean | undefined;
  /** Rows as arrays of the bytes that came, always of the text form. */
  readonly raw?: boolean | undefined;
  /** Takes the rows one by one, instead of the result. */
  readonly each?: ((row: unknown) => void) | undefined;
  /** Only asks what the statement takes and returns. */
  readonly describe?: boolean | undefined;
  /** Leaves a portal open for more rows, under a name of its own. */
  readonly portal?: Portal | undefined;
  readonly types: Registry;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
  /** For a COPY: how long the server may keep it waiting at a time. */
  readonly silence?: number | undefined;
  /** Its caller has given a signal or a timeout for it alone, and is likely to make use of that. */
  readonly hasty?: boolean | undefined;
}

/** A named portal. */
export interface Portal {
  readonly name: string;
  /** How many rows it is asked for at a time; 0 to close it. */
  readonly rows: number;
  /** It is open, and this is how its rows are read. */
  readonly opened?: { readonly plan: RowPlan | undefined } | undefined;
}

/** What a caller gets: one result, or several: of a batch, and of several statements by the simple protocol. */
export type Answer = Result | Result[];

/** Longer texts are rarely the same twice, and would fill the server's memory. */
const MAX_CACHED_TEXT = 16 * 1024;
/** By which routine and SQLSTATE the server says that a prepared statement has gone stale or away; its words are translated. */
const STALE_ROUTINE = "RevalidateCachedQuery";
const FEATURE_NOT_SUPPORTED = "0A000";
const DUPLICATE_STATEMENT = "42P05";
/**
 * The statement is gone; or it is another's, as behind a pooler, or its columns have changed, so that the formats that we ask
 * for are too few or too many, or of a type that has no binary form.
 */
const STALE = /^(?:26000|08P01|42883)$/;
/** Result formats for Bind: text, whatever the columns. */
const TEXT: readonly number[] = [];

/**
 * What can neither begin a transaction nor end one, whatever it calls. Text that starts in any other way, a comment for
 * instance, is left alone.
 */
const HARMLESS = /^\s*(?:select|insert|update|delete|with|values|table|merge)\b/i;

/** A statement of our own. By the simple protocol it has the shortest form. */
export function command(text: string, timeout: number | undefined, simple = true): Execution {
  const types: Registry = () => STRING;
  return new Execution({ text, parameters: NO_PARAMETERS, simple, types, signal: undefined, timeout });
}

function readRow(init: ExecutionInit, plan: RowPlan, bytes: Uint8Array, start: number, end: number): unknown {
  if (init.raw === true) return readRaw(plan, bytes, start, end);
  return init.arrays === true ? readArray(plan, bytes, start, end) : readObject(plan, bytes, start, end);
}

/** A request and the sink of its own replies. */
export class Execution implements Request, ReplySink, Task {
  readonly syncs = 1;
  readonly extended: boolean;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
  readonly answer: Promise<Answer>;
  onEnd: ((session: Session | undefined) => void) | undefined;
  /** Goes ahead of the statement, under the same Sync: if it fails, the statement is not run. */
  prelude: string | undefined;
  /** Whether what is sent behind this may rely on its having run before. */
  ordered = true;
  /** The portal has more rows. */
  suspended = false;
  /** The types of the parameters, once they are described. */
  parameterTypes: readonly number[] = TEXT;
  /** How the rows are read, once that is known. */
  plan: RowPlan | undefined;
  /** Whether the caller has been told. */
  settled = false;
  readonly #init: ExecutionInit;
  /** Several statements, which the server takes for one transaction: all of them are carried out, or none. */
  readonly #batch: readonly ExecutionInit[] | undefined;
  #resolve!: (answer: Answer) => void;
  #reject!: (error: unknown) => void;
  /** While it is in the queue of one. */
  #session: Session | undefined;
  #exchange: Exchange | undefined;
  #unhold: (() => void) | undefined;
  #statement: Statement | undefined;
  /** The statement was known to the session, so that what it answers may be about an older state of the database. */
  #reused = false;
  #retried = false;
  #preludeDue = false;
  /** What is wrong with it, as far as the replies have told. */
  #error: unknown;
  /** What is being answered; nothing once all is. */
  #at: ExecutionInit | undefined;
  #rows: Result | undefined;
  #results: Result[] = [];

  constructor(init: ExecutionInit, batch?: readonly ExecutionInit[]) {
    this.#init = init;
    this.#batch = batch;
    this.#at = batch?.[0] ?? init;
    this.extended = !init.simple;
    this.signal = init.signal;
    this.timeout = init.timeout;
    this.plan = init.portal?.opened?.plan;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether others may run ahead of this and behind it on one session: it cannot touch them, nor they it. */
  get sociable(): boolean {
    const { simple, each, describe, text } = this.#init;
    return !simple && each === undefined && describe !== true && HARMLESS.test(text);
  }

  /** Whether nothing should be put behind it on a session that is shared, so that it can be cancelled at once. */
  get hasty(): boolean {
    return this.#init.hasty === true;
  }

  /** The text that is sent. */
  get text(): string {
    return this.#init.text;
  }

  /** Waits for its turn outside of any session's queue, where its signal counts all the same. */
  hold(): void {
    const { signal } = this;
    if (signal === undefined) return;
    const onAbort = (): void => this.cancel(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    this.#unhold = () => signal.removeEventListener("abort", onAbort);
  }

  start(session: Session): void {
    this.#unhold?.();
    this.#session = session;
    const exchange = session.exchange(this, this);
    if (this.#session !== undefined) this.#exchange = exchange;
  }

  /** Gives up, wherever it is. */
  cancel(reason: unknown): void {
    if (this.#exchange !== undefined) this.#exchange.cancel(reason);
    else this.refuse(reason);
  }

  fail(error: unknown): void {
    this.onEnd?.(undefined);
    this.refuse(error);
  }

  /** Rejects, whatever the replies say. */
  refuse(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.#reject(error);
  }

  write(writer: ByteWriter, session: Session): void {
    const { text, parameters, simple, portal, raw, describe } = this.#init;
    if (simple) return query(writer, text);
    if (this.#batch !== undefined) {
      for (const { text, parameters } of this.#batch) {
        parse(writer, "", text, parameters.types);
        bind(writer, "", parameters.values, TEXT);
        describePortal(writer);
        execute(writer);
      }
      return sync(writer);
    }
    if (portal?.opened !== undefined) {
      if (portal.rows === 0) closePortal(writer, portal.name);
      else execute(writer, portal.name, portal.rows);
      return sync(writer);
    }
    if (this.prelude !== undefined) {
      this.#preludeDue = true;
      parse(writer, "", this.prelude, TEXT);
      bind(writer, "", TEXT as [], TEXT);
      execute(writer);
    }
    const statement = this.#prepare(writer, session);
    if (describe === true) {
      describeStatement(writer);
      return sync(writer);
    }
    const formats = raw === true ? TEXT : (this.plan?.formats ?? TEXT);
    bind(writer, statement?.name ?? "", parameters.values, formats, portal?.name);
    if (statement?.described !== true) describePortal(writer, portal?.name);
    execute(writer, portal?.name, portal?.rows);
    sync(writer);
  }

  /** Writes Parse where it is needed. Returns the named statement to bind; `undefined` for the unnamed one. */
  #prepare(writer: ByteWriter, session: Session): Statement | undefined {
    const { text, parameters, portal, describe } = this.#init;
    // A transaction that a stale plan has broken could not be retried; a description has to be fresh; and a second attempt is
    // not to meet another name that is taken.
    const once = portal !== undefined || describe === true || this.#retried || text.length > MAX_CACHED_TEXT;
    const cache = once ? undefined : session.statements;
    const key = statementKey(text, parameters.types);
    let statement = cache?.get(key);
    if (statement?.parsed === true) {
      this.#reused = true;
      this.plan = statement.plan;
    } else {
      // Known and not confirmed: its Parse is in flight and may fail, so that this one cannot build on it.
      statement = statement === undefined ? cache?.add(key) : undefined;
      if (cache !== undefined) for (const name of cache.takeDiscarded()) closeStatement(writer, name);
      parse(writer, statement?.name ?? "", text, parameters.types);
    }
    return (this.#statement = statement);
  }

  row(bytes: Uint8Array, start: number, end: number): void {
    const { plan } = this;
    const init = this.#at;
    if (plan === undefined || init === undefined) throw broken("a row before it described the columns");
    const { each } = init;
    const row = readRow(init, plan, bytes, start, end);
    if (each === undefined) (this.#rows ??= new Result()).push(row);
    else this.#hand(row, each);
  }

  message(message: BackendMessage): void {
    const { portal, types } = this.#init;
    switch (message.type) {
      case "parseComplete":
        if (!this.#preludeDue && this.#statement !== undefined) this.#statement.parsed = true;
        return;
      case "bindComplete":
      case "copyInResponse":
      case "copyDone":
        return;
      case "closeComplete":
        // Of a statement that made room, unless a portal is what was to be closed.
        if (portal?.rows === 0) this.#complete("");
        return;
      case "rowDescription":
        return this.#describe(planRows(message.columns, types));
      case "noData":
        return this.#describe(undefined);
      case "parameterDescription":
        this.parameterTypes = message.types;
        return;
      case "commandComplete":
        return this.#complete(message.tag);
      case "portalSuspended":
        if (portal === undefined) throw new ProtocolError("the server held back rows that it was asked for");
        this.suspended = true;
        return this.#complete("");
      case "emptyQueryResponse":
        return this.#complete("");
      case "errorResponse":
        // In a batch, a constraint that is checked at the end fails behind the last statement.
        this.#error ??= serverError(message.fields, (this.#batch === undefined ? this.#init : this.#at)?.text);
        return;
      case "copyOutResponse":
        this.#error ??= new LandlineError("COPY TO STDOUT needs a stream to copy to", {
          code: "COPY_UNSUPPORTED",
          outcome: "refused",
        });
        return;
      case "readyForQuery":
        if (this.#error === undefined && (this.#preludeDue || this.#results.length < (this.#batch?.length ?? 1)))
          throw new ProtocolError("the server reported to be ready before it had answered the query");
        return;
      default:
        throw broken(`${message.type} in answer to a query`);
    }
  }

  abandon(reason: unknown): void {
    this.#forgetUnconfirmed();
    this.refuse(reason);
  }

  end(error?: unknown): void {
    const session = this.#session;
    this.#forgetUnconfirmed();
    if (error === undefined && session !== undefined && this.#mayRetry(this.#error, session))
      return this.#retry(session);
    this.#session = undefined;
    this.onEnd?.(session);
    const failure = this.#error ?? error;
    if (failure !== undefined) return this.refuse(failure);
    if (this.settled) return;
    this.settled = true;
    const results = this.#results;
    const several = this.#batch !== undefined || (!this.extended && results.length > 1);
    this.#resolve(several ? results : (results[0] as Result));
  }

  #describe(plan: RowPlan | undefined): void {
    if (this.#preludeDue) throw new ProtocolError("the server described what it was not asked to describe");
    this.plan = plan;
    if (this.#init.describe === true) return this.#complete("");
    const statement = this.#statement;
    if (statement === undefined) return;
    statement.described = true;
    statement.plan = plan && planBinary(plan.columns, this.#init.types);
  }

  /** What a callback throws is its caller's concern: the session goes on without it. */
  #hand(row: unknown, each: (row: unknown) => void): void {
    try {
      each(row);
    } catch (error) {
      this.cancel(error);
    }
  }

  #complete(tag: string): void {
    if (this.#preludeDue) {
      this.#preludeDue = false;
      return;
    }
    if (this.#at === undefined) throw new ProtocolError("the server completed a query twice");
    const result = this.#rows ?? new Result();
    result.complete(tag, this.plan?.columns);
    this.#results.push(result);
    this.#rows = undefined;
    if (this.extended) this.#at = this.#batch?.[this.#results.length];
    // A portal goes on with it.
    if (!this.suspended) this.plan = undefined;
  }

  /** A Parse that was not confirmed is not there; the statement must not be built on. */
  #forgetUnconfirmed(): void {
    const statement = this.#statement;
    if (statement?.parsed === false) this.#session?.statements?.discard(statement);
  }

  /** Once, when the failure is about the cached statement alone, and nothing can have come of it or be behind it. */
  #mayRetry(failure: unknown, session: Session): boolean {
    const statement = this.#statement;
    if (!(failure instanceof PostgresError) || statement === undefined) return false;
    const { code, routine } = failure;
    const stale = STALE.test(code) || (code === FEATURE_NOT_SUPPORTED && routine === STALE_ROUTINE);
    if (code !== DUPLICATE_STATEMENT && !(this.#reused && stale)) return false;
    session.statements?.discard(statement);
    const { alive, idle, facts } = session;
    const safe = alive && (idle || !this.ordered) && facts.transaction === "I" && this.prelude === undefined;
    return safe && !this.#retried && !this.settled && this.signal?.aborted !== true;
  }

  #retry(session: Session): void {
    this.#retried = true;
    this.#reused = false;
    this.#error = undefined;
    this.plan = undefined;
    this.#at = this.#init;
    this.#rows = undefined;
    this.#results = [];
    this.start(session);
  }
}
