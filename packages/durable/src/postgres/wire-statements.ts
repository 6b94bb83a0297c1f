// The statements of an unmodified driver. It prepares them by its own names, once, and counts on them for as long as it is
// connected; the backend that it gets may have none of them, or has them by names of its own. So a Parse is left out where the
// backend knows the same content, and comes in between where it does not.

import { ByteWriter } from "@landline/core/bytes";
import { LandlineError } from "@landline/core";
import { BACKEND, FRONTEND } from "@landline/postgres/wire";
import { aboutStatement, parse, type BackendStatements, type Prepared } from "./statements.ts";
import { BODY_AT, CLOSE_COMPLETE, cstringAt, PARSE_COMPLETE } from "./wire-frames.ts";
import { ANSWERS, type Expected, type WireReplies } from "./wire-replies.ts";

const STATEMENT = 0x53; // 'S'
const PARSED = [BACKEND.parseComplete];
const CLOSED = [BACKEND.closeComplete];
/** For what a backend is not to keep. Whoever needs it makes it anew, so that it is never another's. */
const SCRATCH = "pool_scratch";
/** There is none of this name, as there would be none for the driver. */
const NOTHING = "pool_nothing";
/** What all statements of a driver may have together. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/** The backend of the moment. */
interface Place {
  readonly statements: BackendStatements;
  readonly replies: WireReplies;
  /** Content of the statement that has no name there, and of the one that is not kept. */
  unnamed: Uint8Array | undefined;
  scratch: Uint8Array | undefined;
  /** Prepared since the last Sync: if that fails, the server skips what relies on it. */
  readonly fresh: Set<Prepared>;
}

interface Range {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** What one driver has prepared. */
export class DriverStatements {
  /** By the driver's names, what follows the name in Parse. */
  readonly #contents = new Map<string, Uint8Array>();
  #bytes = 0;
  #place: Place | undefined;

  /** The driver has another backend from now on, or none. */
  move(statements: BackendStatements | undefined, replies?: WireReplies): void {
    this.#place =
      statements === undefined || replies === undefined
        ? undefined
        : { statements, replies, unnamed: undefined, scratch: undefined, fresh: new Set() };
  }

  /**
   * What to send for a frame of the driver's; says what is expected for it. Nothing: it is answered already.
   * @throws ProtocolError for what is no frame. @throws LandlineError when there are too many statements.
   */
  translate(frame: Uint8Array): Uint8Array | undefined {
    const type = frame[0] as number;
    const place = this.#place as Place;
    const range = nameIn(frame, type);
    if (range === undefined) {
      if (type === FRONTEND.sync || type === FRONTEND.query) place.fresh.clear();
      const answer = ANSWERS.get(type);
      if (answer !== undefined) place.replies.expect(answer);
      return frame;
    }
    const writer = new ByteWriter(frame.length + 64);
    if (type === FRONTEND.parse) this.#parse(writer, frame, range, place);
    else if (type === FRONTEND.close) this.#close(range.name, place);
    else this.#use(writer, frame, range, place);
    return writer.length === 0 ? undefined : writer.take();
  }

  #parse(writer: ByteWriter, frame: Uint8Array, { name, to }: Range, place: Place): void {
    // A copy: the frame is a part of something larger.
    const content = frame.slice(to);
    this.#keep(name, content);
    if (name !== "") return void this.#prepare(writer, content, place, true);
    place.unnamed = content;
    writer.bytes(frame);
    place.replies.expect({
      kind: "answered",
      by: PARSED,
      settled: (done) => {
        if (done || this.#contents.get("") !== content) return;
        this.#contents.delete("");
        place.unnamed = undefined;
      },
    });
  }

  #close(name: string, place: Place): void {
    this.#bytes -= this.#contents.get(name)?.length ?? 0;
    this.#contents.delete(name);
    place.replies.expect({ kind: "left out", answer: CLOSE_COMPLETE });
  }

  /** Bind, or Describe. */
  #use(writer: ByteWriter, frame: Uint8Array, range: Range, place: Place): void {
    const { name } = range;
    const content = this.#contents.get(name);
    let to = name;
    if (content === undefined) {
      // By PREPARE, perhaps; but never one of ours.
      if (name === "" || name.startsWith("pool_")) to = NOTHING;
    } else if (name === "") {
      if (place.unnamed !== content) {
        parse(writer, "", content);
        place.unnamed = content;
        place.replies.expect({ kind: "inserted", by: PARSED });
      }
    } else to = this.#prepare(writer, content, place);
    place.replies.expect(ANSWERS.get(frame[0] as number) as Expected);
    const start = writer.length;
    writer.bytes(frame.subarray(0, range.from));
    writer.cstring(to);
    writer.bytes(frame.subarray(range.to));
    writer.setI32(start + 1, writer.length - start - 1);
  }

  /** The backend's name for a content, prepared where it is not. `asked`: by the driver, who hears of it. */
  #prepare(writer: ByteWriter, content: Uint8Array, place: Place, asked = false): string {
    const { statements, replies } = place;
    const kind = asked ? "answered" : "inserted";
    const known = statements.named(content, () => {
      for (const name of statements.closeDiscarded(writer)) {
        const settled = (done: boolean): void => void (done || statements.closeLater(name));
        replies.expect({ kind: "inserted", by: CLOSED, settled });
      }
      return writer;
    });
    if (known?.wrote === true) {
      const { statement } = known;
      place.fresh.add(statement);
      replies.expect({ kind, by: PARSED, settled: (done) => settle(statements, statement, done) });
      return statement.name;
    }
    // One whose Parse is under way, and may fail, is as good as none.
    if (known !== undefined && (known.statement.confirmed || place.fresh.has(known.statement))) {
      if (asked) replies.expect({ kind: "left out", answer: PARSE_COMPLETE });
      return known.statement.name;
    }
    if (place.scratch !== content || asked) {
      aboutStatement(writer, FRONTEND.close, SCRATCH);
      replies.expect({ kind: "inserted", by: CLOSED });
      parse(writer, SCRATCH, content);
      place.scratch = content;
      replies.expect({ kind, by: PARSED, settled: (done) => void (done || (place.scratch = undefined)) });
    }
    return SCRATCH;
  }

  #keep(name: string, content: Uint8Array): void {
    this.#bytes += content.length - (this.#contents.get(name)?.length ?? 0);
    if (this.#bytes > MAX_KEPT_BYTES) {
      throw new LandlineError(
        `the prepared statements of one connection to the pool have at most ${MAX_KEPT_BYTES} bytes together`,
        { code: "POOL_UNSUPPORTED", outcome: "unsent" },
      );
    }
    this.#contents.set(name, content);
  }
}

function settle(statements: BackendStatements, statement: Prepared, done: boolean): void {
  if (done) statement.confirmed = true;
  else statements.discard(statement);
}

/** The name of a statement in a frame, and where it stands. */
function nameIn(frame: Uint8Array, type: number): Range | undefined {
  if (type === FRONTEND.parse) return rangeAt(frame, BODY_AT);
  if (type === FRONTEND.bind) return rangeAt(frame, cstringAt(frame, BODY_AT).next);
  const ofStatement = (type === FRONTEND.describe || type === FRONTEND.close) && frame[BODY_AT] === STATEMENT;
  return ofStatement ? rangeAt(frame, BODY_AT + 1) : undefined;
}

function rangeAt(frame: Uint8Array, from: number): Range {
  const { text, next } = cstringAt(frame, from);
  return { name: text, from, to: next };
}
