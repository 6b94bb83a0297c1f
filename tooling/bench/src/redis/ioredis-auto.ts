// ioredis with `enableAutoPipelining: true`.

import type { Contestant } from "../harness/contestant.ts";
import { ioredisWith } from "./ioredis.ts";

export const contestant: Contestant = ioredisWith(true);
