export { connect } from "./connect.ts";
export { dial } from "./dial.ts";
export type { DialOptions, Negotiation } from "./dial.ts";
export { transportOf } from "./transport-of.ts";
export type { CloseInfo, Transport, TransportInfo, TransportSink } from "./transport.ts";
export type { WaitOptions } from "./wait.ts";
export type {
  AnySocketAddress,
  Connector,
  SecureTransport,
  Socket,
  SocketAddress,
  SocketInfo,
  SocketOptions,
  TlsMode,
  TlsOptions,
} from "./socket.ts";
export { parseAddress } from "./address.ts";
export { Deadlines } from "./deadlines.ts";
export type { Deadline } from "./deadlines.ts";
export {
  ClosedError,
  ConnectError,
  isLandlineError,
  LandlineError,
  PoolError,
  ProtocolError,
  TimeoutError,
  TlsError,
} from "./errors.ts";
export type { ErrorCode, ErrorInit, Outcome } from "./errors.ts";
export { Observation, poolObserver } from "./observe.ts";
export type { Attributes, Observer, Operation, OperationEnd, OperationKind } from "./observe.ts";
