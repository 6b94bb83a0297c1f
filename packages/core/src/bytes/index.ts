export { ByteReader } from "./reader.ts";
export type { ByteSource, ReadOptions, ReadUntilOptions } from "./reader.ts";
export { ByteWriter } from "./writer.ts";
