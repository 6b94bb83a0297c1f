// The platform's own socket in workerd with a default reader.

import type { Contestant } from "../harness/contestant.ts";
import { streamsWith } from "./streams.ts";

export const contestant: Contestant = streamsWith("default");
