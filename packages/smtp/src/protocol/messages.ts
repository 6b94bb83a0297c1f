// What a server says: replies (RFC 5321 4.2) with their enhanced status code (RFC 2034, RFC 3463). Plain data.

/** One whole reply, all its lines. */
export interface Reply {
  /** 200 to 599. */
  readonly code: number;
  /** `class.subject.detail` as in "5.1.1", where the first line starts with one. */
  readonly enhanced: string | undefined;
  /**
   * The text of each line without code, enhanced status code and line end. Controls are replaced by U+FFFD, so that it
   * can be logged.
   */
  readonly lines: readonly string[];
}

/** Takes the replies in the order in which they came. */
export interface ReplySink {
  reply(reply: Reply): void;
}

/** 2xx: done. */
export function isPositive({ code }: Reply): boolean {
  return code >= 200 && code < 300;
}

/** 5xx: the same request will fail again. 4xx may succeed later. */
export function isPermanent({ code }: Reply): boolean {
  return code >= 500;
}

const SHOWN_CHARS = 500;

/** The text of a reply on one line, cut to a length that fits an error message. */
export function replyText({ lines }: Reply): string {
  const text = lines.join(" ").trim();
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
