// The way in for every client: asks the doorkeeper, counts the connections of each user, and writes down who came, was refused,
// was denied something, and left.

import type { Access, Credentials, Operation, Peer, Principal, ScramKeys } from '../core/access.ts';
import { formatAddress } from '../core/address.ts';
import type { Destination } from '../core/address.ts';
import type { Clock } from '../util/clock.ts';
import { Occasionally } from '../util/occasionally.ts';
import type { AuditEntry } from './audit-log.ts';
import type { Admission, Doorkeeper } from './doorkeeper.ts';

interface Visit {
  readonly listener: string;
  readonly protocol: string;
  readonly openedAt: number;
  user: string | undefined;
}

export class Door implements Access {
  readonly #keeper: Doorkeeper;
  readonly #clock: Clock;
  readonly #write: (entry: AuditEntry) => void;
  readonly #visits = new Map<Peer, Visit>();
  readonly #connections = new Map<string, number>();
  /** A client that goes on trying what it may not is not written down each time. */
  readonly #denials: Occasionally;

  constructor(keeper: Doorkeeper, clock: Clock, write: (entry: AuditEntry) => void) {
    this.#keeper = keeper;
    this.#clock = clock;
    this.#write = write;
    this.#denials = new Occasionally(clock);
  }

  get knowsScram(): boolean {
    return this.#keeper.knowsScram;
  }

  authenticate(peer: Peer, credentials: Credentials | undefined): Promise<Principal | undefined> {
    return this.#decide(peer, credentials?.user, () => this.#keeper.admit(peer, credentials));
  }

  authenticateByCertificate(peer: Peer): Promise<Principal | undefined> {
    return this.#decide(peer, peer.certificateSubject, () => this.#keeper.admitByCertificate(peer));
  }

  authenticateByScram(peer: Peer, user: string, hasProved: boolean): Promise<Principal | undefined> {
    return this.#decide(peer, user, () => this.#keeper.admitByScram(peer, user, hasProved));
  }

  isProven(user: string): boolean {
    return this.#keeper.isProven(user);
  }

  principalOf(user: string): Principal | undefined {
    return this.#keeper.principalOf(user);
  }

  scramKeys(user: string): Promise<ScramKeys> {
    return this.#keeper.scramKeys(user);
  }

  /** A connection has reached its dialect. */
  opened(peer: Peer, listener: string, protocol: string): void {
    this.#visits.set(peer, { listener, protocol, openedAt: this.#clock.monotonic(), user: undefined });
  }

  closed(peer: Peer): void {
    const visit = this.#visits.get(peer);
    if (visit === undefined) return;
    this.#visits.delete(peer);
    if (visit.user === undefined) return;
    this.#leave(visit.user);
    const seconds = Math.round((this.#clock.monotonic() - visit.openedAt) / 1000);
    this.#write({ event: 'disconnected', ...this.#about(peer, visit), user: visit.user, seconds });
  }

  /** A connection was refused before anyone said who they are. */
  refused(address: string, listener: string, reason: string): void {
    this.#write({ event: 'refused', address, listener, reason });
  }

  async #decide(
    peer: Peer,
    claimed: string | undefined,
    admit: () => Promise<Admission>,
  ): Promise<Principal | undefined> {
    const visit = this.#visits.get(peer);
    let admission: Admission;
    try {
      admission = await admit();
    } catch (error) {
      this.#refuse(peer, visit, claimed, error instanceof Error ? error.message : String(error));
      throw error;
    }
    if ('refused' in admission) return this.#refuse(peer, visit, claimed, admission.refused);
    const { principal, by } = admission;
    const { user } = principal;
    if (visit !== undefined) {
      // It went while it was being looked at.
      if (this.#visits.get(peer) !== visit) return undefined;
      if (visit.user !== undefined) this.#leave(visit.user);
      visit.user = undefined;
      const here = this.#connections.get(user) ?? 0;
      if (here >= this.#keeper.mostConnections(user)) {
        return this.#refuse(peer, visit, user, `user "${user}" has ${here} connections already`);
      }
      visit.user = user;
      this.#connections.set(user, here + 1);
    }
    this.#write({ event: 'connected', ...this.#about(peer, visit), user, by });
    return this.#watched(principal, peer, visit);
  }

  #watched(principal: Principal, peer: Peer, visit: Visit | undefined): Principal {
    return {
      user: principal.user,
      authorize: (operation, destination) => {
        try {
          principal.authorize(operation, destination);
        } catch (error) {
          this.#denied(principal.user, operation, destination, peer, visit);
          throw error;
        }
      },
    };
  }

  #denied(user: string, operation: Operation, to: Destination, peer: Peer, visit: Visit | undefined): void {
    const destination = formatAddress(to);
    if (!this.#denials.isDue(`${user} ${operation} ${destination}`)) return;
    this.#write({ event: 'denied', ...this.#about(peer, visit), user, operation, destination });
  }

  #refuse(peer: Peer, visit: Visit | undefined, user: string | undefined, reason: string): undefined {
    this.#write({ event: 'refused', ...this.#about(peer, visit), ...(user === undefined ? {} : { user }), reason });
    return undefined;
  }

  #about({ address }: Peer, visit: Visit | undefined) {
    return { address, ...(visit === undefined ? {} : { listener: visit.listener, protocol: visit.protocol }) };
  }

  #leave(user: string): void {
    const here = this.#connections.get(user) ?? 0;
    if (here > 1) this.#connections.set(user, here - 1);
    else this.#connections.delete(user);
  }
}
