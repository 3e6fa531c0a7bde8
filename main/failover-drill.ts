// The failover drill: a second engine on the same data waits as standby, the first is killed as a crash would, and the
// second takes over. What a pair on two machines does, on one.
import type { EngineProcess } from './engine-process.ts';

export interface DrillResult {
  /** From the kill to the moment the second engine served. */
  readonly gapMs: number;
}

const standbyMs = 30_000;
const takeoverMs = 60_000;

/**
 * `spare` was started with --ha by no one yet; after the drill it is the engine.
 * @throws if the spare does not become standby (then the active is untouched) or does not take over (then it is
 * stopped and the active started again).
 */
export async function failoverDrill(active: EngineProcess, spare: EngineProcess): Promise<DrillResult> {
  spare.start();
  try {
    await spare.reaches('standby', standbyMs);
  } catch (error) {
    await spare.stop();
    throw new Error('the second engine does not become standby', { cause: error });
  }
  const killed = performance.now();
  try {
    await active.kill();
    await spare.reaches('ready', takeoverMs);
  } catch (error) {
    await spare.stop();
    active.start();
    throw new Error('the second engine does not take over; the first is started again', { cause: error });
  }
  return { gapMs: performance.now() - killed };
}
