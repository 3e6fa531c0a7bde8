/** Milliseconds of the system's monotonic clock: the same in all processes of the machine, so that they can be compared. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
