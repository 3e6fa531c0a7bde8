// Re-authentication (MQTT 5, 4.12.1): a client that was let in by an exchange of AUTH packets may repeat it on the open
// connection, while everything else goes on; it stays the user that it is.

import type { Peer, Principal } from '../../core/access.ts';
import type { Timer } from '../../util/clock.ts';
import type { Challenge } from '../../util/scram.ts';
import { beginScram, endScram } from './authentication.ts';
import { auth } from './codec/disconnect.ts';
import type { Properties } from './codec/properties.ts';
import { protocolError, reason, WireError } from './codec/reason.ts';
import type { Hub } from './hub.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { PendingWork } from './pending-work.ts';

export interface ReauthenticationEvents {
  readonly onDone: (principal: Principal) => void;
  readonly onFailed: (error: unknown) => void;
}

export class Reauthentication {
  readonly #hub: Hub;
  readonly #peer: Peer;
  /** As in CONNECT. */
  readonly #method: string;
  readonly #user: string;
  readonly #writer: PacketWriter;
  readonly #work: PendingWork;
  readonly #events: ReauthenticationEvents;
  #challenge: Challenge | undefined;
  #isThinking = false;
  #timer: Timer | undefined;
  #closed = false;

  constructor(
    hub: Hub,
    peer: Peer,
    method: string,
    user: string,
    writer: PacketWriter,
    work: PendingWork,
    events: ReauthenticationEvents,
  ) {
    this.#hub = hub;
    this.#peer = peer;
    this.#method = method;
    this.#user = user;
    this.#writer = writer;
    this.#work = work;
    this.#events = events;
  }

  /** @throws WireError. */
  handle(code: number, { authenticationMethod, authenticationData = nothing }: Properties): void {
    // [MQTT-4.12.1-1 of 5]
    if (authenticationMethod !== this.#method) {
      throw protocolError('AUTH: not the method of the CONNECT');
    }
    const isFirst = code === reason.reAuthenticate;
    if (this.#isThinking || isFirst === (this.#challenge !== undefined)) throw protocolError('AUTH out of turn');
    this.#isThinking = true;
    const work = isFirst ? this.#begin(authenticationData) : this.#end(authenticationData);
    // [MQTT-4.12.1-2 of 5]
    this.#work.add(work.catch((error: unknown) => this.#closed || this.#events.onFailed(error)));
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #begin(data: Buffer): Promise<void> {
    const { access, clock, limits } = this.#hub.context;
    const begun = await beginScram(access, data);
    if (this.#closed) return;
    this.#timer = clock.after(limits.connectTimeoutMs, () => {
      this.#events.onFailed(new WireError(reason.notAuthorized, 'the authentication was not completed in time'));
    });
    this.#challenge = begun;
    this.#isThinking = false;
    this.#writer.packet(auth(reason.continueAuthentication, this.#name, begun.message));
  }

  async #end(data: Buffer): Promise<void> {
    const begun = this.#challenge;
    if (begun === undefined) return;
    const proved = await endScram(this.#hub.context.access, this.#peer, begun, data);
    if (this.#closed) return;
    if (proved === undefined || proved.principal.user !== this.#user) {
      throw new WireError(reason.notAuthorized, 'the authentication failed', 'unauthorized');
    }
    this.#timer?.cancel();
    this.#challenge = undefined;
    this.#isThinking = false;
    this.#events.onDone(proved.principal);
    this.#writer.packet(auth(reason.success, this.#name, proved.data));
  }

  get #name(): string {
    return this.#method ?? '';
  }
}

const nothing = Buffer.alloc(0);
