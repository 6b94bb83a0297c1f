// nodemailer without a pool: its default.

import type { Contestant } from "../harness/contestant.ts";
import { nodemailerWith } from "./nodemailer.ts";

export const contestant: Contestant = nodemailerWith(false);
