// Our decoder alone, strings as bytes: a copy of each, because the chunk is recycled.

import type { Contestant } from "../harness/contestant.ts";
import { decoderFor } from "./decoder.ts";

export const contestant: Contestant = decoderFor(true);
