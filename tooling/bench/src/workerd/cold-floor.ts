// A request that does nothing: what the runtime takes by itself.

import type { Contestant } from "../harness/contestant.ts";
import { inFlight } from "../harness/contestant.ts";

export const contestant: Contestant = async () => ({ run: inFlight(1, async () => {}), close: () => {} });
