// From what came of a flight to what goes over RPC.

import { errorData, type ErrorData } from "../error-data.ts";
import { postgresErrors } from "./errors.ts";
import type { Landing } from "./flight.ts";
import type { Reply } from "./rpc.ts";
import type { Tenure } from "./tenure.ts";

/** Cancels, with the failure as data. */
export async function cancelTenure(tenure: Tenure | undefined): Promise<ErrorData | undefined> {
  try {
    await tenure?.cancel();
    return undefined;
  } catch (error) {
    return errorData(error, postgresErrors, "unknown");
  }
}

/** A landing as data. */
export function reply({ bytes, error }: Landing): Reply {
  return error === undefined ? { bytes } : { bytes, error: errorData(error, postgresErrors, "unknown") };
}
