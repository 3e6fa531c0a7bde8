// Lets in who is in the file of users, and gives each the rights that the rules say. A user whom the file no longer has may do
// nothing more, whatever connections there are.

import { randomBytes } from 'node:crypto';
import type { Credentials, Peer, Principal, ScramKeys } from '../core/access.ts';
import { BrokerError } from '../core/errors.ts';
import type { Clock } from '../util/clock.ts';
import type { Admission, Doorkeeper } from './doorkeeper.ts';
import { PasswordChecks } from './password-checks.ts';
import type { Rule } from './rules.ts';
import { unknownScramKeys } from './scram-record.ts';
import { Slowdown } from './slowdown.ts';
import { Standing } from './standing.ts';
import { anonymous } from './user-records.ts';
import type { User } from './user-records.ts';
import type { UsersFile } from './users-file.ts';

export interface UsersOptions {
  readonly file: UsersFile;
  /** Undefined: users may do everything. */
  readonly rules: readonly Rule[] | undefined;
  readonly mostConnectionsOfUser: number;
  readonly clock: Clock;
}

const wrong = 'unknown user or wrong password';

export class Users implements Doorkeeper {
  readonly #options: UsersOptions;
  readonly #checks = new PasswordChecks();
  readonly #slowdown: Slowdown;
  readonly #secret = randomBytes(32);
  #byCertificate: ReadonlyMap<string, User> = new Map();
  #knowsScram = false;
  /** Of users who are connected, or were since the file was read. */
  #standings = new Map<string, Standing>();

  constructor(options: UsersOptions) {
    this.#options = options;
    this.#slowdown = new Slowdown(options.clock);
    options.file.onChange(() => this.#fileChanged());
  }

  get knowsScram(): boolean {
    return this.#knowsScram;
  }

  close(): void {
    this.#slowdown.close();
  }

  async admit(peer: Peer, credentials: Credentials | undefined): Promise<Admission> {
    if (credentials !== undefined) return this.#admitByPassword(peer, credentials);
    if (peer.certificateSubject !== undefined) return this.admitByCertificate(peer);
    if (!peer.anonymous) return { refused: 'no user name was given' };
    return { principal: this.#principal(anonymous), by: 'nothing' };
  }

  async admitByCertificate({ certificateSubject }: Peer): Promise<Admission> {
    if (certificateSubject === undefined) return { refused: 'no certificate' };
    const user = this.#byCertificate.get(certificateSubject);
    if (user === undefined) return { refused: `no user has the certificate of ${certificateSubject}` };
    return { principal: this.#principal(user.name), by: 'certificate' };
  }

  async admitByScram(peer: Peer, name: string, hasProved: boolean): Promise<Admission> {
    const address = addressOf(peer);
    await this.#slowdown.turn(name, address);
    if (!hasProved || this.#users.get(name)?.scram === undefined) {
      this.#slowdown.failed(name, address);
      return { refused: wrong };
    }
    this.#slowdown.succeeded(name, address);
    return { principal: this.#principal(name), by: 'scram' };
  }

  async scramKeys(name: string): Promise<ScramKeys> {
    return this.#users.get(name)?.scram ?? unknownScramKeys(name, this.#secret);
  }

  mostConnections(name: string): number {
    if (name === anonymous) return Infinity;
    return this.#users.get(name)?.maxConnections ?? this.#options.mostConnectionsOfUser;
  }

  isProven(name: string): boolean {
    return this.#users.has(name);
  }

  principalOf(name: string): Principal | undefined {
    return this.has(name) ? this.#principal(name) : undefined;
  }

  /** Whether a connection of this user may go on: false for one whom the file no longer has. */
  has(name: string): boolean {
    return name === anonymous || this.#users.has(name);
  }

  async #admitByPassword(peer: Peer, { user: name, password }: Credentials): Promise<Admission> {
    const address = addressOf(peer);
    const before = this.#users.get(name);
    if (before !== undefined && this.#checks.isKnown(before, password)) {
      return { principal: this.#principal(name), by: 'password' };
    }
    await this.#slowdown.turn(name, address);
    // The file may have changed while others had their turn.
    const isRight = await this.#checks.check(name, this.#users.get(name), password, address);
    if (!isRight || !this.#users.has(name)) {
      this.#slowdown.failed(name, address);
      return { refused: wrong };
    }
    this.#slowdown.succeeded(name, address);
    return { principal: this.#principal(name), by: 'password' };
  }

  get #users(): ReadonlyMap<string, User> {
    return this.#options.file.users;
  }

  #principal(name: string): Principal {
    let standing = this.#standing(name);
    return {
      user: name,
      authorize: (operation, destination) => {
        if (this.#standings.get(name) !== standing) standing = this.#standing(name);
        standing.authorize(operation, destination);
      },
    };
  }

  /** @throws BrokerError `unauthorized`: the user is no longer there. */
  #standing(name: string): Standing {
    const known = this.#standings.get(name);
    if (known !== undefined) return known;
    const groups = name === anonymous ? [anonymous] : this.#users.get(name)?.groups;
    if (groups === undefined) throw new BrokerError('unauthorized', `user "${name}" is no longer there`);
    const standing = new Standing({ user: name, groups }, this.#options.rules);
    this.#standings.set(name, standing);
    return standing;
  }

  #fileChanged(): void {
    const users = [...this.#users.values()];
    this.#standings = new Map();
    this.#knowsScram = users.some(({ scram }) => scram !== undefined);
    this.#byCertificate = new Map(
      users.flatMap((user) => (user.certificate === undefined ? [] : [[user.certificate, user] as const])),
    );
  }
}

/** Without the port: each attempt has another. */
function addressOf({ address }: Peer): string {
  return address.slice(0, address.lastIndexOf(':'));
}
