// pg with `pipeline: true` (node-postgres.com/apis/client): queries go out without waiting for the ones before.

import type { Contestant } from "../harness/contestant.ts";
import { pgWith } from "./pg.ts";

export const contestant: Contestant = pgWith({ pipeline: true });
