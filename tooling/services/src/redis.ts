// Redis or Valkey, in memory only: a plain and a TLS port, ACL users, DEBUG for local connections.

import { randomBytes } from "node:crypto";
import { loopbackAddresses } from "./ports.ts";
import { redisBinary } from "./redis-binary.ts";
import type { Certificates } from "./certificates.ts";
import type { Run } from "./run.ts";
import { startServer } from "./start-server.ts";
import type { Services } from "./types.ts";

/** Starts the server and returns how to reach it. */
export async function startRedis(run: Run, { ca, cert, key }: Certificates): Promise<Services["redis"]> {
  const binary = await redisBinary(run);
  const directory = run.makeDirectory("redis");
  const files = {
    ca: run.writeFile("redis/ca.pem", ca),
    cert: run.writeFile("redis/server.crt", cert),
    key: run.writeFile("redis/server.key", key),
  };
  const user = { username: "landline", password: randomBytes(12).toString("hex") };
  const limited = { username: "limited", password: randomBytes(12).toString("hex") };
  const { port, tlsPort } = await startServer(run, ["port", "tlsPort"], /Ready to accept connections/, (ports) => ({
    name: "redis",
    file: binary.file,
    env: binary.env,
    args: [
      run.writeFile(
        `redis/${ports.port}.conf`,
        [
          `bind ${loopbackAddresses().join(" ")}`,
          `port ${ports.port}`,
          `tls-port ${ports.tlsPort}`,
          `tls-ca-cert-file ${files.ca}`,
          `tls-cert-file ${files.cert}`,
          `tls-key-file ${files.key}`,
          "tls-auth-clients no",
          `dir ${directory}`,
          'save ""',
          "appendonly no",
          ...(binary.major >= 7 ? ["enable-debug-command local"] : []),
          "user default on nopass ~* &* +@all",
          `user ${user.username} on >${user.password} ~* &* +@all`,
          `user ${limited.username} on >${limited.password} ~limited:* &limited:* +@read +@write +@connection +@pubsub -@dangerous`,
          "",
        ].join("\n"),
      ),
    ],
  }));
  const hostname = "localhost";
  const login = `${user.username}:${user.password}@${hostname}`;
  return {
    hostname,
    port,
    tlsPort,
    flavour: binary.flavour,
    user,
    limited,
    url: `redis://${login}:${port}`,
    tlsUrl: `rediss://${login}:${tlsPort}`,
  };
}
