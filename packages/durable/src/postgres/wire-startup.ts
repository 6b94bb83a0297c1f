// What a driver may ask for in its startup packet (PostgreSQL documentation, "StartupMessage"). Settings there are for the whole
// session, and the sessions are shared: what cannot be given is refused, because ignored it would change what queries mean.

/** They are the pool's own affair, or change nothing that a query can see. */
const IGNORED = new Set(["user", "database", "application_name", "fallback_application_name", "extra_float_digits"]);
const NO = new Set(["", "0", "off", "no", "false"]);

/** The name of the first one that the pool's connections do not have as it is asked for, if there is one. */
export function unsettable(
  asked: ReadonlyMap<string, string>,
  parameters: ReadonlyMap<string, string>,
): string | undefined {
  const has = new Map([...parameters].map(([name, value]) => [name.toLowerCase(), value.toLowerCase()]));
  for (const [name, value] of asked) {
    if (IGNORED.has(name) || name.startsWith("_pq_.")) continue;
    if (name === "options" && value.trim() === "") continue;
    if (name === "replication" && NO.has(value.toLowerCase())) continue;
    if (name === "client_encoding" && isUtf8(value)) continue;
    if (!hasAll(has.get(name.toLowerCase()) ?? "", value.toLowerCase())) return name;
  }
  return undefined;
}

/** What is reported of some is more than what is asked for: `ISO` makes a DateStyle of `ISO, MDY`. */
function hasAll(reported: string, asked: string): boolean {
  const parts = new Set(reported.split(/,\s*/));
  return reported === asked || asked.split(/,\s*/).every((part) => part !== "" && parts.has(part));
}

/** As the server compares the names of encodings: by letters and digits. */
function isUtf8(value: string): boolean {
  return /^(?:utf8|unicode)$/.test(value.toLowerCase().replaceAll(/[^a-z0-9]/g, ""));
}
