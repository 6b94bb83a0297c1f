// How every pool object asks for its options: what goes wrong with them is told by name, and shows no secret.

import { durableError } from "./durable-error.ts";

/** @throws DurableError `POOL_OBJECT_FAILED` that says what is not right. */
export function settingsOfObject<Options, Settings>(
  ask: () => Options,
  parse: (options: Options) => Settings,
): Settings {
  let options: Options;
  try {
    options = ask();
  } catch (error) {
    // Its message may quote a secret, so that it stays here.
    console.error("options() of the pool object threw", error);
    throw durableError("POOL_OBJECT_FAILED", "unsent", "options() of the pool object threw; its log says what");
  }
  try {
    return parse(options);
  } catch (error) {
    // A TypeError of ours, which names the option and shows no value.
    const why = error instanceof TypeError ? error.message : "they could not be read";
    throw durableError("POOL_OBJECT_FAILED", "unsent", `the options of the pool object are not right: ${why}`);
  }
}

/** Why the two sides do not talk. */
export function versionError(object: number, worker: number): string {
  return `the pool object speaks version ${object} and the Worker ${worker}: deploy them with the same release of @landline/durable`;
}
