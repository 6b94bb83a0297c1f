export { nodeSocket, NodeSocket } from "./node-socket.ts";
export type { NodeSocketOptions } from "./node-socket.ts";
