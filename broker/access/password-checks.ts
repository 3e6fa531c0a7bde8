// Checks passwords without one client standing in another's way. A hash costs a tenth of a second, on purpose: few are computed
// at a time, addresses take turns, and a password that was right stays known as a keyed digest while the engine runs, so that
// thousands of devices come back within seconds.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { BrokerError } from '../core/errors.ts';
import { isPassword, unknownHash } from './password-hash.ts';
import type { PasswordHash } from './password-hash.ts';
import type { User } from './user-records.ts';

const atOnce = 2;
const mostWaiting = 2000;
const mostWaitingOfAddress = 500;
const mostKnown = 10_000;

export class PasswordChecks {
  readonly #key = randomBytes(32);
  readonly #unknown = unknownHash();
  /** Digests of passwords that were right, by user. */
  readonly #known = new Map<string, Buffer>();
  /** Checks under way, by the digest of what is checked. */
  readonly #running = new Map<string, Promise<boolean>>();
  /** What waits, by address; the address whose turn it is stands first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #waitingCount = 0;
  #busy = 0;

  /** The password was right before. */
  isKnown(user: User, password: Buffer): boolean {
    const known = this.#known.get(user.name);
    return known !== undefined && timingSafeEqual(known, this.#digest(user.name, user.passwordText, password));
  }

  /** Takes as long for a user who is not there. @throws BrokerError `limit`: too many wait already. */
  async check(name: string, user: User | undefined, password: Buffer, address: string): Promise<boolean> {
    const digest = this.#digest(name, user?.passwordText, password);
    const key = digest.toString('base64');
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const check = this.#inTurn(address, password, user?.password ?? this.#unknown);
    this.#running.set(key, check);
    try {
      const isRight = (await check) && user?.password !== undefined;
      if (isRight) this.#remember(name, digest);
      return isRight;
    } finally {
      this.#running.delete(key);
    }
  }

  async #inTurn(address: string, password: Buffer, hash: PasswordHash): Promise<boolean> {
    if (this.#busy >= atOnce) await this.#turn(address);
    else this.#busy += 1;
    try {
      return await isPassword(password, hash);
    } finally {
      this.#next();
    }
  }

  #turn(address: string): Promise<void> {
    const line = this.#waiting.get(address) ?? [];
    if (this.#waitingCount >= mostWaiting || line.length >= mostWaitingOfAddress) {
      return Promise.reject(new BrokerError('limit', 'too many clients are logging in; try later'));
    }
    this.#waitingCount += 1;
    return new Promise((resolve) => {
      line.push(resolve);
      this.#waiting.set(address, line);
    });
  }

  /** The place that is free goes to the first of the address whose turn it is. */
  #next(): void {
    for (const [address, line] of this.#waiting) {
      const first = line.shift();
      this.#waiting.delete(address);
      if (line.length > 0) this.#waiting.set(address, line);
      if (first === undefined) continue;
      this.#waitingCount -= 1;
      first();
      return;
    }
    this.#busy -= 1;
  }

  #remember(name: string, digest: Buffer): void {
    this.#known.delete(name);
    this.#known.set(name, digest);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostKnown) break;
      this.#known.delete(oldest);
    }
  }

  /** Of the hash too: a password that was changed is not known any more. */
  #digest(name: string, passwordText: string | undefined, password: Buffer): Buffer {
    return createHmac('sha256', this.#key)
      .update(`${name}\0${passwordText ?? ''}\0`)
      .update(password)
      .digest();
  }
}
