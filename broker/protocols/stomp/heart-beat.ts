// Heart-beats (STOMP 1.2, "Heart-beating"): what the two sides agree on, and keeping to it in both directions.

import { BrokerError } from '../../core/errors.ts';
import type { Clock, Timer } from '../../util/clock.ts';

/** Milliseconds between heart-beats; 0: none. */
export interface HeartBeats {
  /** `<sx>,<sy>` of CONNECTED. */
  readonly header: string;
  /** From us to the client. */
  readonly sendMs: number;
  /** From the client to us. */
  readonly receiveMs: number;
}

/** The smallest period that is offered or asked for: a timer for each connection must not become a load. */
const shortestMs = 100;

/**
 * Of a period, how long nothing is sent before a line feed is: with a margin, so that a late timer or a slow network breaks
 * no promise, and near its end, where ActiveMQ's clients expect it.
 */
function quietMs(periodMs: number): number {
  return periodMs - Math.max(0.05 * periodMs, Math.min(50, periodMs / 4));
}

/** "The receiver SHOULD be tolerant and take into account an error margin": so many silent periods in a row. */
const silentPeriods = 2;

/**
 * The server does what the client asks for, and wants what the client can, as ActiveMQ does.
 * @param header of CONNECT. "A missing heart-beat header MUST be treated the same way as 0,0."
 * @throws BrokerError `invalid`.
 */
export function negotiateHeartBeats(header = '0,0'): HeartBeats {
  const [clientSends, clientWants] = /^([0-9]{1,15}),([0-9]{1,15})$/.exec(header)?.slice(1).map(Number) ?? [];
  if (clientSends === undefined || clientWants === undefined) {
    throw new BrokerError('invalid', `heart-beat "${header}" is not two numbers of milliseconds`);
  }
  const serverSends = clientWants === 0 ? 0 : Math.max(clientWants, shortestMs);
  const serverWants = clientSends === 0 ? 0 : Math.max(clientSends, shortestMs);
  // MAX of what one can and the other wants, which both now are.
  return { header: `${serverSends},${serverWants}`, sendMs: serverSends, receiveMs: serverWants };
}

export interface Pulse {
  /** When something was sent last, by the monotonic clock. */
  readonly lastSentAt: () => number;
  /** Whether something was received since it was last asked; true also while we do not read. */
  readonly takeReceived: () => boolean;
  readonly send: () => void;
  /** The client was silent for too long. */
  readonly onSilence: () => void;
}

/** Keeps one connection's heart-beats with a timer for each direction, however much is sent. */
export class HeartBeat {
  readonly #clock: Clock;
  readonly #pulse: Pulse;
  #sendTimer: Timer | undefined;
  #receiveTimer: Timer | undefined;

  constructor(clock: Clock, pulse: Pulse) {
    this.#clock = clock;
    this.#pulse = pulse;
  }

  start({ sendMs, receiveMs }: HeartBeats): void {
    if (sendMs > 0) this.#armSend(quietMs(sendMs), quietMs(sendMs));
    if (receiveMs > 0) this.#armReceive(receiveMs, 1);
  }

  close(): void {
    this.#sendTimer?.cancel();
    this.#receiveTimer?.cancel();
  }

  #armSend(quiet: number, afterMs: number): void {
    this.#sendTimer = this.#clock.after(afterMs, () => {
      const left = this.#pulse.lastSentAt() + quiet - this.#clock.monotonic();
      if (left <= 0) this.#pulse.send();
      this.#armSend(quiet, left <= 0 ? quiet : left);
    });
  }

  #armReceive(ms: number, silent: number): void {
    this.#receiveTimer = this.#clock.after(ms, () => {
      if (this.#pulse.takeReceived()) this.#armReceive(ms, 1);
      else if (silent < silentPeriods) this.#armReceive(ms, silent + 1);
      else this.#pulse.onSilence();
    });
  }
}
