// The fields by which mailing lists and mail programs understand each other (RFC 2369, RFC 2919, RFC 8058), and those that
// tie an answer to its question (RFC 5322 3.6.4).

import { textField, tokenField } from "./headers.ts";
import { checkText } from "./text.ts";

/** One URL (`https:`, `mailto:`), or several in order of preference. */
export type ListUrls = string | readonly string[];

/** Names are those of nodemailer; each becomes `List-…`. */
export interface ListHeaders {
  readonly help?: ListUrls | undefined;
  readonly unsubscribe?: ListUrls | undefined;
  readonly subscribe?: ListUrls | undefined;
  /** `"NO"`: nobody may post. */
  readonly post?: ListUrls | undefined;
  readonly owner?: ListUrls | undefined;
  readonly archive?: ListUrls | undefined;
  /** A domain-like name that stands for the list, such as `news.shop.example`. */
  readonly id?: string | undefined;
  /** `List-Unsubscribe-Post`: one click unsubscribes, by POST to the `https:` URL of `unsubscribe` (RFC 8058). */
  readonly unsubscribePost?: boolean | undefined;
}

const FIELDS: Readonly<Record<string, string>> = {
  help: "List-Help",
  unsubscribe: "List-Unsubscribe",
  subscribe: "List-Subscribe",
  post: "List-Post",
  owner: "List-Owner",
  archive: "List-Archive",
};
const LIST_URL = /^(?:https?|mailto):[!-;=?-~]+$/i;
const LIST_ID = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)+$/i;
const MESSAGE_ID = /^<[!-;=?-~]+@[!-;=?-~]+>$/;

/** @throws TypeError for what is no URL, no id, or not known. */
export function listFields(list: ListHeaders): string[] {
  const fields: string[] = [];
  for (const [key, value] of Object.entries(list) as [string, unknown][]) {
    const name = FIELDS[key];
    if (value === undefined || key === "unsubscribePost") continue;
    if (key === "id") {
      checkText(value, "list.id");
      if (!LIST_ID.test(value)) throw new TypeError("list.id must look like news.shop.example");
      fields.push(tokenField("List-ID", [`<${value}>`]));
    } else if (name === undefined) {
      throw new TypeError(`list has no field ${JSON.stringify(key.slice(0, 40))}`);
    } else if (key === "post" && value === "NO") {
      fields.push(textField(name, value));
    } else {
      const urls = [value].flat().map((url) => checkedUrl(url, `list.${key}`));
      fields.push(
        tokenField(
          name,
          urls.map((url, index) => `<${url}>${index < urls.length - 1 ? "," : ""}`),
        ),
      );
    }
  }
  if (list.unsubscribePost === true) {
    if (![list.unsubscribe].flat().some((url) => url?.startsWith("https:") === true))
      throw new TypeError("list.unsubscribePost needs an https: URL in list.unsubscribe");
    fields.push(textField("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
  }
  return fields;
}

function checkedUrl(url: unknown, what: string): string {
  checkText(url, what);
  if (!LIST_URL.test(url)) throw new TypeError(`${what} must be https: or mailto: URLs`);
  return url;
}

/** A field of message ids, each with its angle brackets. @throws TypeError for anything else. */
export function idField(name: string, ids: unknown, what: string): string {
  const list = [ids].flat().flatMap((text) => {
    checkText(text, what);
    return text.split(/[ ,]+/).filter((id) => id !== "");
  });
  if (list.length === 0 || !list.every((id) => MESSAGE_ID.test(id)))
    throw new TypeError(`${what} must be message ids such as <left@right>`);
  return tokenField(name, list);
}
