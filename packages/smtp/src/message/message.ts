// A mail as users write it. Field names are those of nodemailer. Types, and which names there are.

import type { Addresses } from "./address.ts";
import type { Content } from "./content.ts";
import type { ListHeaders } from "./list.ts";
import type { Attachment } from "./parts.ts";
import type { Reports } from "./reports.ts";

/** Another form of the same text. */
export interface Alternative {
  /** `text/…`, without charset. */
  readonly contentType: string;
  readonly content: string;
}

/** An invitation (RFC 5545, RFC 6047): what calendars act on when they read a mail. */
export interface CalendarEvent {
  /** `REQUEST`, `REPLY`, `CANCEL`, … as in the content. Default `PUBLISH`. */
  readonly method?: string | undefined;
  /** The iCalendar text. */
  readonly content: string;
  /** Where given, the same is attached as a file of this name, for programs that know no invitations. */
  readonly filename?: string | undefined;
}

/** A mail. */
export interface Message {
  /** One address, or several with a `sender`. It is the envelope's sender as well. */
  readonly from?: Addresses | undefined;
  /** Who sends it on behalf of `from`. It is the envelope's sender then. */
  readonly sender?: Addresses | undefined;
  readonly to?: Addresses | undefined;
  readonly cc?: Addresses | undefined;
  /** Recipients that no header names. */
  readonly bcc?: Addresses | undefined;
  readonly replyTo?: Addresses | undefined;
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly alternatives?: readonly Alternative[] | undefined;
  readonly icalEvent?: CalendarEvent | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  /** Further headers. Those that other fields of the message write are refused here. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly list?: ListHeaders | undefined;
  /** `<left@right>`. Default: random, at the sender's domain. */
  readonly messageId?: string | undefined;
  /** The message that this one answers. */
  readonly inReplyTo?: string | undefined;
  /** The conversation that this one belongs to, oldest first. */
  readonly references?: string | readonly string[] | undefined;
  /** Default: now. */
  readonly date?: Date | undefined;
  /** A whole message, header and body, composed elsewhere. Goes with `envelope`, `dsn` and `requireTls` only. */
  readonly raw?: Content | undefined;
  /** Who it is from and goes to, whatever the header says. `from: ""`: no bounce is wanted. */
  readonly envelope?: { readonly from?: string | undefined; readonly to?: Addresses | undefined } | undefined;
  /** Delivery reports (RFC 3461). A server that does not offer them is an error. */
  readonly dsn?: Reports | undefined;
  /** Every server on the way must use TLS, or give up (RFC 8689). A server that does not offer it is an error. */
  readonly requireTls?: boolean | undefined;
}

/** Which fields a message may have. */
export const FIELDS =
  "from sender to cc bcc replyTo subject text html alternatives icalEvent attachments headers list messageId inReplyTo references date envelope dsn requireTls";

/** Which fields may stand beside `raw`, and that. */
export const RAW_FIELDS = "raw envelope dsn requireTls";

/** Headers that are written from fields of a message, and those that are nobody's to write. */
export const OWN_HEADERS: RegExp =
  /^(?:from|to|b?cc|reply-to|sender|subject|date|message-id|in-reply-to|references|mime-version|content-.*|return-path|resent-bcc|list-(?:help|(?:un)?subscribe|unsubscribe-post|post|owner|archive|id))$/i;
