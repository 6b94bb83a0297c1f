export { nodeSocket, NodeSocket } from "./node-socket.ts";
export type { NodeSocketOptions } from "./dialling.ts";
