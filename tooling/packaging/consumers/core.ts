import { dial } from "@landline/core";
import type { Transport } from "@landline/core";
import type { Services } from "./services.ts";

export async function use({ redis }: Services): Promise<string> {
  const transport: Transport = await dial({ hostname: redis.hostname, port: redis.tlsPort }, { tls: "on" });
  transport.writer.utf8("PING\r\n");
  const answer = await transport.pull();
  await transport.close();
  return new TextDecoder().decode(answer);
}
