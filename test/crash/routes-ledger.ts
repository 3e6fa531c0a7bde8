// What producers sent into routes, and what has to be said of it at their ends: each message once, in the order of its group.

export const producers = ['stomp', 'mqtt', 'sqs', 'kinesis'] as const;
export type ProducerName = (typeof producers)[number];

export const groups = ['a', 'b', 'c', 'd', 'e'] as const;

/** Where each message of a producer is at last; in one of them, where there are several. */
export const ends: readonly { readonly producer: ProducerName; readonly queues: readonly string[] }[] = [
  { producer: 'stomp', queues: ['out'] },
  { producer: 'stomp', queues: ['copy'] },
  { producer: 'mqtt', queues: ['m.large', 'm.small'] },
  { producer: 'sqs', queues: ['s.out'] },
  { producer: 'kinesis', queues: ['k.out'] },
];

export interface RoutesVerdict {
  /** Acknowledged messages by producer. */
  readonly acknowledged: Readonly<Record<ProducerName, number>>;
  /** At all ends together. */
  readonly found: number;
  /** Never acknowledged, and there all the same: that is right. */
  readonly unacknowledged: number;
  // What must not be, each message by its end and name.
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  readonly disordered: readonly string[];
  /** Found though nobody sent it, or not as it was sent. */
  readonly foreign: readonly string[];
}

interface Sent {
  readonly producer: ProducerName;
  readonly group: string;
  readonly number: number;
  isAcknowledged: boolean;
}

/** Beyond what claim checks leave where they are. */
const largeFill = 1500;
const smallFill = 300;

export class RoutesLedger {
  /** By body: no two are the same. */
  readonly #sent = new Map<string, Sent>();
  readonly #numbers = new Map<string, number>();
  #acknowledgements = 0;
  #goal: { readonly at: number; readonly reached: () => void } | undefined;

  /** The body of a new message, the next of its group. */
  write(producer: ProducerName, group: string): string {
    const key = `${producer}/${group}`;
    const number = (this.#numbers.get(key) ?? 0) + 1;
    this.#numbers.set(key, number);
    const isLarge = number % 3 === 0;
    const fill = '.'.repeat(isLarge ? largeFill : smallFill);
    const body = JSON.stringify({ producer, group, number, size: isLarge ? 'large' : 'small', fill });
    this.#sent.set(body, { producer, group, number, isAcknowledged: false });
    return body;
  }

  acknowledge(body: string): void {
    this.#sent.get(body)!.isAcknowledged = true;
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

  /** Whether all that was acknowledged is among these bodies of an end's queues. */
  isComplete(producer: ProducerName, bodies: readonly (readonly string[])[]): boolean {
    const found = new Set(bodies.flat());
    for (const [body, sent] of this.#sent) {
      if (sent.producer === producer && sent.isAcknowledged && !found.has(body)) return false;
    }
    return true;
  }

  /** `bodies`: what each queue holds, in its order. */
  verdict(bodies: ReadonlyMap<string, readonly string[]>): RoutesVerdict {
    const wrong = {
      lost: [] as string[],
      duplicated: [] as string[],
      disordered: [] as string[],
      foreign: [] as string[],
    };
    let found = 0;
    let unacknowledged = 0;
    for (const { producer, queues } of ends) {
      const seen = new Set<Sent>();
      for (const queue of queues) {
        const last = new Map<string, number>();
        for (const body of bodies.get(queue) ?? []) {
          found++;
          const sent = this.#sent.get(body);
          if (sent === undefined || sent.producer !== producer) {
            wrong.foreign.push(`${queue}: ${body.slice(0, 80)}`);
            continue;
          }
          if (seen.has(sent)) wrong.duplicated.push(named(queue, sent));
          else if (!sent.isAcknowledged) unacknowledged++;
          seen.add(sent);
          if (sent.number < (last.get(sent.group) ?? 0)) wrong.disordered.push(named(queue, sent));
          last.set(sent.group, sent.number);
        }
      }
      for (const sent of this.#sent.values()) {
        const isMissing = sent.producer === producer && sent.isAcknowledged && !seen.has(sent);
        if (isMissing) wrong.lost.push(named(queues[0]!, sent));
      }
    }
    return { acknowledged: this.#acknowledged(), found, unacknowledged, ...wrong };
  }

  #acknowledged(): Record<ProducerName, number> {
    const counts = { stomp: 0, mqtt: 0, sqs: 0, kinesis: 0 };
    for (const { producer, isAcknowledged } of this.#sent.values()) if (isAcknowledged) counts[producer]++;
    return counts;
  }
}

function named(queue: string, { producer, group, number }: Sent): string {
  return `${queue}: ${producer}/${group}/${number}`;
}
