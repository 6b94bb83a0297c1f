// The core area: bytes in, bytes out, small exchanges, the pool.

import { PER_SECOND, perSecond } from "../harness/plan.ts";
import type { Plan, Reading } from "../harness/plan.ts";
import { onNode } from "../harness/runner.ts";
import type { Start } from "../harness/runner.ts";
import { onWorkerd } from "../harness/workerd.ts";

const here = (file: string): string => new URL(file, import.meta.url).href;

const OURS = here("./landline.ts");
const NODE = {
  landline: onNode(OURS),
  "net.Socket": onNode(here("./net-socket.ts")),
};
const WORKERD = {
  landline: onWorkerd(OURS),
  "default reader": onWorkerd(here("./streams-default.ts")),
  "BYOB loop": onWorkerd(here("./streams.ts")),
};

/** Many small writes beside one large one: the same bytes. */
const one =
  (start: Start): Start =>
  (_, target) =>
    start("large", target);

const MEBIBYTES: Reading = { unit: "MiB/s", of: perSecond };
const BATCHES: Reading = { unit: "batches/s", of: perSecond };

export function corePlans(): Plan[] {
  const area = "core";
  const receive = { area, key: "receive", scenario: "64 MiB received", readings: [MEBIBYTES] };
  const small = { area, key: "small", scenario: "20,000 writes of 64 B in one tick", readings: [BATCHES] };
  const ping = { area, key: "ping", scenario: "14 B there and back", readings: [PER_SECOND] };
  const pool = { area, key: "pool", scenario: "pool: acquire and release", readings: [PER_SECOND] };
  const observe = {
    area,
    key: "observe",
    scenario: "observe: an operation without a listener",
    readings: [PER_SECOND],
  };
  const observeOf = (how: (module: string) => Start): Record<string, Start> => ({
    landline: how(here("./observe.ts")),
    floor: how(here("./observe-floor.ts")),
  });
  const poolOf = (how: (module: string) => Start): Record<string, Start> => ({
    landline: how(here("./pool.ts")),
    floor: how(here("./pool-floor.ts")),
  });
  const { landline, "net.Socket": socket } = NODE;
  const { landline: inWorkerd, "default reader": writer } = WORKERD;
  return [
    { ...receive, runtime: "node", clients: NODE },
    { ...receive, runtime: "workerd", clients: WORKERD },
    {
      ...small,
      runtime: "node",
      clients: { landline, "net.Socket corked": socket, "one write": one(socket) },
    },
    {
      ...small,
      runtime: "workerd",
      clients: { landline: inWorkerd, "stream writer": writer, "one write": one(writer) },
    },
    { ...ping, runtime: "node", clients: NODE },
    { ...ping, runtime: "workerd", clients: WORKERD },
    { ...pool, runtime: "node", clients: poolOf(onNode) },
    { ...pool, runtime: "workerd", clients: poolOf(onWorkerd) },
    { ...observe, runtime: "node", clients: observeOf(onNode) },
    { ...observe, runtime: "workerd", clients: observeOf(onWorkerd) },
  ];
}
