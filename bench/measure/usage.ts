// Who used the processors during a measurement: the system, the load, and everything else on the machine. It tells
// which side was the limit, and whether the figure is worth keeping.

import { now } from './clock.ts';
import { cpuSeconds, machineCpuSeconds } from './processes.ts';

/** In processors: 1 is one of them, all the time. */
export interface Usage {
  readonly seconds: number;
  readonly system: number;
  readonly load: number;
  readonly others: number;
}

export class UsageMeter {
  readonly #system: number;
  readonly #loads: readonly number[];
  readonly #startedAt = now();
  readonly #before: Taken;

  constructor(systemPid: number, loadPids: readonly number[]) {
    this.#system = systemPid;
    this.#loads = loadPids;
    this.#before = this.#take();
  }

  read(): Usage {
    const seconds = (now() - this.#startedAt) / 1000;
    const { system, load, machine } = this.#take();
    const perSecond = (after: number, before: number): number => (after - before) / seconds;
    const ofSystem = perSecond(system, this.#before.system);
    const ofLoad = perSecond(load, this.#before.load);
    const others = Math.max(0, perSecond(machine, this.#before.machine) - ofSystem - ofLoad);
    return { seconds, system: ofSystem, load: ofLoad, others };
  }

  #take(): Taken {
    return {
      system: cpuSeconds(this.#system),
      load: this.#loads.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
      machine: machineCpuSeconds(),
    };
  }
}

interface Taken {
  readonly system: number;
  readonly load: number;
  readonly machine: number;
}
