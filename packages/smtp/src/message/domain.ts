// Domains of addresses: LDH labels (RFC 5321 2.3.5), address literals, and international names by UTS 46, which every
// runtime's URL has. A label that UTS 46 would turn into something that a reader would not expect is refused.

import { isAscii } from "./text.ts";

/** Labels of letters, digits and hyphens; the last one is no number. */
const LDH = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const IPV4_LITERAL = /^\[(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\]$/;
const IPV6_LITERAL = /^\[IPv6:([0-9a-f:.]{2,45})\]$/i;
/** What a label may hold besides ASCII letters, digits and hyphens: anything but what UTS 46 drops or what is a separator. */
const STRANGE = /[\p{Default_Ignorable_Code_Point}\p{C}\p{Z}\p{P}\p{S}]/u;
const STRANGE_EXCEPT = /[-\u00b7\u0375\u05f3\u05f4\u30fb]/g; // hyphen, and the punctuation of RFC 5892 CONTEXTO

/** The domain in ASCII, in lower case. @throws TypeError when it is none. */
export function asciiDomain(domain: string): string {
  if (domain.startsWith("[")) return literal(domain);
  const ascii = (isAscii(domain) ? domain : domain.split(".").map(asciiLabel).join(".")).toLowerCase();
  if (ascii.length > 253 || !LDH.test(ascii)) throw notADomain();
  return ascii;
}

function asciiLabel(label: string): string {
  if (isAscii(label)) return label;
  // Soft hyphens and their like vanish, full-width letters become ASCII: two readers would see two domains.
  if (STRANGE.test(label.replace(STRANGE_EXCEPT, "")) || label.normalize("NFKC") !== label.normalize("NFC")) {
    throw new TypeError("the domain of an address has a character that would be dropped or replaced in its ASCII form");
  }
  const host = `http://${label}.example`;
  const ascii = URL.canParse(host) ? new URL(host).hostname : "";
  if (!/^xn--[a-z0-9-]+\.example$/.test(ascii)) throw notADomain();
  return ascii.slice(0, -".example".length);
}

function literal(domain: string): string {
  const v4 = IPV4_LITERAL.exec(domain);
  if (v4 !== null && v4.slice(1).every((part) => Number(part) <= 255)) return domain;
  const v6 = IPV6_LITERAL.exec(domain)?.[1];
  if (v6 !== undefined && URL.canParse(`http://[${v6}]`)) return domain;
  throw notADomain();
}

function notADomain(): TypeError {
  return new TypeError("what follows the @ of an address is not a valid domain");
}
