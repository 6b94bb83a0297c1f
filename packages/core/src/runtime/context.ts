// Everywhere but on workerd a process is one I/O context.

/** See the workerd twin: here every place is the same. */
export function contextProbe(): () => boolean {
  return () => true;
}

/** See the workerd twin: here there is no limit. */
export const MAX_DIALS: number = Infinity;
