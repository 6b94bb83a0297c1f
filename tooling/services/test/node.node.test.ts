import { connect } from "node:tls";
import { expect, inject, test } from "vitest";

const services = inject("services");

test("Redis answers over verified TLS", async () => {
  const socket = connect({ host: "localhost", servername: "localhost", port: services.redis.tlsPort }, () =>
    socket.write("PING\r\n"),
  );
  const answer = await new Promise((resolve, reject) => {
    socket.once("data", (chunk) => resolve(String(chunk)));
    socket.once("error", reject);
  });
  socket.destroy();
  expect(answer).toBe("+PONG\r\n");
});
