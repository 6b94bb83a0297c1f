// Identifiers and literals for those who build SQL text by hand, as node-postgres quotes them.

/** `str` as an identifier, in double quotes. */
export function escapeIdentifier(str: string): string {
  return `"${str.replaceAll('"', '""')}"`;
}

/** `str` as a string literal; an `E''` literal, after a space, where it has a backslash. Anything but a string is `''`. */
export function escapeLiteral(str: string): string {
  if (typeof str !== "string") return "''";
  const quoted = `'${str.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
  return str.includes("\\") ? ` E${quoted}` : quoted;
}
