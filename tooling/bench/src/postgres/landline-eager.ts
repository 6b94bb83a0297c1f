// @landline/postgres, whose caller says that it may begin with SCRAM before the server has asked, and send the first query with
// the end of the login, over a network that he trusts. Over verified TLS that is the default.

import type { Contestant } from "../harness/contestant.ts";
import { landlineWith } from "./landline.ts";

export const contestant: Contestant = landlineWith({ eagerLogin: true });
