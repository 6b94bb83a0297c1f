export { compose } from "./compose.ts";
export type { Circumstances, Composed } from "./compose.ts";
export type { Alternative, CalendarEvent, Message } from "./message.ts";
export type { Attachment } from "./parts.ts";
export type { ByteStream, Content, Lazy, Segment } from "./content.ts";
export type { ListHeaders, ListUrls } from "./list.ts";
export type { RecipientReports, ReportOn, Reports } from "./reports.ts";
export { formatAddress, parseAddresses } from "./address.ts";
export type { Addresses, AddressObject, Mailbox } from "./address.ts";
