// redis-parser with its defaults: strings as text.

import type { Contestant } from "../harness/contestant.ts";
import { redisParserFor } from "./redis-parser.ts";

export const contestant: Contestant = redisParserFor(false);
