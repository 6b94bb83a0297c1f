// The fields by which mailing lists and mail programs understand each other (RFC 2369, RFC 2919, RFC 8058), and those that
// tie an answer to its question (RFC 5322 3.6.4).

import { commas, tokenField } from "./headers.ts";
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

const URL_FIELD = /^(?:help|unsubscribe|subscribe|post|owner|archive)$/;
const LIST_URL = /^(?:https?|mailto):[!-;=?-~]+$/i;
const LIST_ID = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)+$/i;
const MESSAGE_ID = /^<[!-;=?-~]+@[!-;=?-~]+>$/;

/** @throws TypeError for what is no URL, no id, or not known. */
export function listFields(list: ListHeaders): string[] {
  const fields: string[] = [];
  for (const [key, value] of Object.entries(list) as [string, unknown][]) {
    if (value === undefined || key === "unsubscribePost") continue;
    const name = `List-${key === "id" ? "ID" : key.charAt(0).toUpperCase() + key.slice(1)}`;
    const isUrls = URL_FIELD.test(key);
    if (!isUrls && key !== "id") throw new TypeError(`list has no field ${JSON.stringify(key.slice(0, 40))}`);
    const values = [value].flat() as string[];
    const isNobody = key === "post" && value === "NO";
    for (const one of values) {
      checkText(one, name);
      if (!isNobody && !(isUrls ? LIST_URL : LIST_ID).test(one))
        throw new TypeError(`${name} must be ${isUrls ? "https: or mailto: URLs" : "like news.shop.example"}`);
    }
    fields.push(tokenField(name, isNobody ? ["NO"] : commas(values.map((one) => `<${one}>`))));
  }
  if (list.unsubscribePost === true) {
    if (![list.unsubscribe].flat().some((url) => url?.startsWith("https:") === true))
      throw new TypeError("list.unsubscribePost needs an https: URL in list.unsubscribe");
    fields.push(tokenField("List-Unsubscribe-Post", ["List-Unsubscribe=One-Click"]));
  }
  return fields;
}

/** A field of message ids, each with its angle brackets; none when there are none. @throws TypeError for anything else. */
export function idField(name: string, ids: unknown): string {
  if (ids === undefined) return "";
  const list = [ids].flat().flatMap((text) => {
    checkText(text, name);
    return text.split(/[ ,]+/).filter((id) => id !== "");
  });
  if (list.length === 0 || !list.every((id) => MESSAGE_ID.test(id)))
    throw new TypeError(`${name} must be message ids such as <left@right>`);
  return tokenField(name, list);
}
