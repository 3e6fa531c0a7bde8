// What producers and workers saw, message by message, and what that says about the engine. Messages are told apart by
// their bodies, which a ledger makes and recognises; no body is ever sent twice.

interface Sent {
  acknowledged: boolean;
  /** SQS message identifiers under which it was received: two are two messages. */
  readonly messageIds: Set<string>;
  receives: number;
  /** A deletion that was asked for and never answered may have happened, or not. */
  deletionAsked: boolean;
  /** When the answer to its deletion came. */
  deletedAt: number | undefined;
  /** How often the durable subscription gave it. */
  copies: number;
}

export interface Verdict {
  /** Acknowledged messages by protocol. */
  readonly acknowledged: ReadonlyMap<string, number>;
  /** Of those, received and deleted, or asked to be: all that are not lost. */
  readonly delivered: number;
  /** Sent, never acknowledged, and there all the same, or not: both are right. */
  readonly unacknowledged: { readonly present: number; readonly absent: number };
  // What must not be, each message by its name.
  readonly lost: readonly string[];
  /** Two messages in SQS out of one. */
  readonly duplicated: readonly string[];
  /** Received more than once, which is wrong where nothing was left until its visibility timeout was over. */
  readonly repeated: readonly string[];
  /** Given again by a receive that was asked for after the answer to its deletion. */
  readonly resurrected: readonly string[];
  /** Received though nobody sent it, or not as it was sent. */
  readonly foreign: readonly string[];
  /** Of a transaction of which some is there, and some is not. */
  readonly torn: readonly string[];
  /** Acknowledged, sent to a topic, and not given by the durable subscription to it, or more than once. */
  readonly uncopied: readonly string[];
}

export class Ledger {
  readonly #sent = new Map<string, Sent>();
  readonly #resurrected: string[] = [];
  readonly #foreign: string[] = [];
  readonly #together: (readonly string[])[] = [];
  #now = 0;
  #acknowledgements = 0;
  #goal: { readonly at: number; readonly reached: () => void } | undefined;

  /** The body of a new message, of any size up to two kilobytes. */
  write(id: string): string {
    this.#sent.set(id, {
      acknowledged: false,
      messageIds: new Set(),
      receives: 0,
      deletionAsked: false,
      deletedAt: undefined,
      copies: 0,
    });
    return bodyOf(id);
  }

  acknowledge(id: string): void {
    this.#sent.get(id)!.acknowledged = true;
    this.#acknowledgements++;
    if (this.#acknowledgements === this.#goal?.at) this.#goal.reached();
  }

  /** Resolves after so many further acknowledgements. One wait at a time. */
  acknowledgements(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#goal = { at: this.#acknowledgements + count, reached: resolve };
      if (count === 0) resolve();
    });
  }

  /** A moment, for `receive`: what happens later has a later one. */
  tick(): number {
    return ++this.#now;
  }

  /** `askedAt`: the moment at which the receive was asked for. */
  receive(body: string, messageId: string, askedAt: number): void {
    const id = idOf(body);
    const sent = this.#sent.get(id);
    if (sent === undefined || body !== bodyOf(id)) {
      this.#foreign.push(body.slice(0, 80));
      return;
    }
    sent.receives++;
    sent.messageIds.add(messageId);
    if (sent.deletedAt !== undefined && askedAt > sent.deletedAt) this.#resurrected.push(id);
  }

  /** They were sent in one transaction. */
  together(ids: readonly string[]): void {
    this.#together.push(ids);
  }

  /** The durable subscription gave it. */
  receiveCopy(body: string): void {
    const sent = this.#sent.get(idOf(body));
    if (sent === undefined || body !== bodyOf(idOf(body))) this.#foreign.push(body.slice(0, 80));
    else sent.copies++;
  }

  askToDelete(body: string): void {
    const sent = this.#sent.get(idOf(body));
    if (sent !== undefined) sent.deletionAsked = true;
  }

  /** The deletion was answered. */
  delete(body: string): void {
    const sent = this.#sent.get(idOf(body));
    if (sent !== undefined) sent.deletedAt ??= this.tick();
  }

  /** Acknowledged messages by the first word of their names: the protocol. */
  acknowledged(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const [id, { acknowledged }] of this.#sent) {
      const protocol = id.slice(0, id.indexOf('-'));
      if (acknowledged) counts.set(protocol, (counts.get(protocol) ?? 0) + 1);
    }
    return counts;
  }

  verdict(): Verdict {
    const lost: string[] = [];
    const duplicated: string[] = [];
    const repeated: string[] = [];
    let delivered = 0;
    let present = 0;
    let absent = 0;
    for (const [id, sent] of this.#sent) {
      if (sent.messageIds.size > 1) duplicated.push(id);
      if (sent.receives > 1) repeated.push(id);
      const isThere = sent.deletionAsked;
      if (sent.acknowledged) {
        if (isThere) delivered++;
        else lost.push(id);
      } else if (isThere) present++;
      else absent++;
    }
    return {
      acknowledged: this.acknowledged(),
      delivered,
      unacknowledged: { present, absent },
      lost,
      duplicated,
      repeated,
      resurrected: this.#resurrected,
      foreign: this.#foreign,
      torn: this.#torn(),
      uncopied: this.#uncopied(),
    };
  }

  #torn(): readonly string[] {
    return this.#together
      .filter((ids) => new Set(ids.map((id) => this.#sent.get(id)?.deletionAsked)).size > 1)
      .map((ids) => ids.join(' '));
  }

  #uncopied(): readonly string[] {
    const wrong: string[] = [];
    for (const [id, { acknowledged, copies }] of this.#sent) {
      if (id.startsWith('mqtt') && (copies > 1 || (acknowledged && copies === 0))) wrong.push(id);
    }
    return wrong;
  }
}

function bodyOf(id: string): string {
  let hash = 0;
  for (let at = 0; at < id.length; at++) hash = (Math.imul(hash, 31) + id.charCodeAt(at)) >>> 0;
  return `${id} ${'.'.repeat(hash % 2000)}`;
}

function idOf(body: string): string {
  return body.slice(0, body.indexOf(' '));
}
