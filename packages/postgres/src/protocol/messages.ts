// The messages of the frontend/backend protocol, version 3 (PostgreSQL documentation, "Message Formats"), as plain data
// under their wire names. Types and byte values only.

/** Status byte of ReadyForQuery: idle, in a transaction, or in a failed one. */
export type TransactionStatus = "I" | "T" | "E";

/** One column as RowDescription tells it. */
export interface Column {
  readonly name: string;
  /** The table's OID, or 0 when the column is no simple reference to a table's column. */
  readonly table: number;
  /** The column's number in that table, or 0. */
  readonly attribute: number;
  /** OID of the type. */
  readonly type: number;
  /** `pg_type.typlen`: bytes of the type, -1 where that varies, -2 for a C string. */
  readonly size: number;
  /** `pg_attribute.atttypmod`; its meaning depends on the type. */
  readonly modifier: number;
  /** 0 text, 1 binary. */
  readonly format: number;
}

/** Fields of ErrorResponse and NoticeResponse, by their one-letter code. */
export type ResponseFields = ReadonlyMap<string, string>;

/** Everything a server says but DataRow and CopyData, which never become objects. */
export type BackendMessage =
  | { readonly type: "authenticationOk" }
  | { readonly type: "authenticationCleartextPassword" }
  | { readonly type: "authenticationMD5Password"; readonly salt: Uint8Array }
  | { readonly type: "authenticationSASL"; readonly mechanisms: readonly string[] }
  | { readonly type: "authenticationSASLContinue"; readonly data: string }
  | { readonly type: "authenticationSASLFinal"; readonly data: string }
  | { readonly type: "authenticationOther"; readonly method: number }
  | { readonly type: "backendKeyData"; readonly processId: number; readonly secretKey: Uint8Array }
  | { readonly type: "negotiateProtocolVersion"; readonly minor: number; readonly unrecognized: readonly string[] }
  | { readonly type: "parameterStatus"; readonly name: string; readonly value: string }
  | { readonly type: "readyForQuery"; readonly status: TransactionStatus }
  | { readonly type: "rowDescription"; readonly columns: readonly Column[] }
  | { readonly type: "parameterDescription"; readonly types: readonly number[] }
  | { readonly type: "commandComplete"; readonly tag: string }
  | { readonly type: "errorResponse"; readonly fields: ResponseFields }
  | { readonly type: "noticeResponse"; readonly fields: ResponseFields }
  | {
      readonly type: "notificationResponse";
      readonly processId: number;
      readonly channel: string;
      readonly payload: string;
    }
  | {
      readonly type: "copyInResponse" | "copyOutResponse" | "copyBothResponse";
      readonly binary: boolean;
      readonly formats: readonly number[];
    }
  | {
      readonly type:
        | "parseComplete"
        | "bindComplete"
        | "closeComplete"
        | "noData"
        | "emptyQueryResponse"
        | "portalSuspended"
        | "copyDone";
    };

/** The type byte of each backend message. */
export const BACKEND = {
  authentication: 0x52, // 'R'
  backendKeyData: 0x4b, // 'K'
  bindComplete: 0x32, // '2'
  closeComplete: 0x33, // '3'
  commandComplete: 0x43, // 'C'
  copyBothResponse: 0x57, // 'W'
  copyData: 0x64, // 'd'
  copyDone: 0x63, // 'c'
  copyInResponse: 0x47, // 'G'
  copyOutResponse: 0x48, // 'H'
  dataRow: 0x44, // 'D'
  emptyQueryResponse: 0x49, // 'I'
  errorResponse: 0x45, // 'E'
  negotiateProtocolVersion: 0x76, // 'v'
  noData: 0x6e, // 'n'
  noticeResponse: 0x4e, // 'N'
  notificationResponse: 0x41, // 'A'
  parameterDescription: 0x74, // 't'
  parameterStatus: 0x53, // 'S'
  parseComplete: 0x31, // '1'
  portalSuspended: 0x73, // 's'
  readyForQuery: 0x5a, // 'Z'
  rowDescription: 0x54, // 'T'
} as const;

/** The type byte of each frontend message that has one. */
export const FRONTEND = {
  bind: 0x42, // 'B'
  close: 0x43, // 'C'
  copyData: 0x64, // 'd'
  copyDone: 0x63, // 'c'
  copyFail: 0x66, // 'f'
  describe: 0x44, // 'D'
  execute: 0x45, // 'E'
  flush: 0x48, // 'H'
  parse: 0x50, // 'P'
  password: 0x70, // 'p', also SASLInitialResponse and SASLResponse
  query: 0x51, // 'Q'
  sync: 0x53, // 'S'
  terminate: 0x58, // 'X'
} as const;

/** Protocol 3.0, as StartupMessage says it. */
export const PROTOCOL_VERSION = 196_608;
/** The code of SSLRequest, in the place of a version. */
export const SSL_REQUEST = 80_877_103;
/** The code of CancelRequest, in the place of a version. */
export const CANCEL_REQUEST = 80_877_102;
