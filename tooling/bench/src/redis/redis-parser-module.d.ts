declare module "redis-parser" {
  interface Options {
    returnReply(value: unknown): void;
    returnError(error: Error): void;
    returnFatalError?(error: Error): void;
    returnBuffers?: boolean;
  }
  class RedisParser {
    constructor(options: Options);
    execute(chunk: Buffer): void;
  }
  export default RedisParser;
}
