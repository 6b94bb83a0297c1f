declare module "redis-parser" {
  interface Options {
    returnReply(value: unknown): void;
    returnError(error: Error): void;
    returnFatalError?(error: Error): void;
    returnBuffers?: boolean;
    stringNumbers?: boolean;
  }
  class RedisParser {
    constructor(options: Options);
    execute(chunk: Uint8Array): void;
  }
  export default RedisParser;
}
