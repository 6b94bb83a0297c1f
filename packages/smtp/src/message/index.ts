export { compose } from "./compose.ts";
export type { Circumstances, Composed, Message } from "./compose.ts";
export type { Attachment } from "./parts.ts";
export { formatAddress, parseAddresses } from "./address.ts";
export type { Addresses, AddressObject, Mailbox } from "./address.ts";
