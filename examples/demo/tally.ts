// What one kind of message amounts to: how many the broker has confirmed, and how many have come out at the other end.
// Messages bear the name of their run and a number, so that each is counted once, and those of others not at all.

export interface Numbered {
  readonly run: string;
  readonly number: number;
}

export class Tally {
  readonly run: string;
  /** Confirmed: the broker has stored it. */
  sent = 0;
  /** Came once more, because a connection broke before someone could say that all was well. */
  again = 0;
  /** Not of this run. */
  foreign = 0;
  /** All numbers up to this one have come, and so have those in the set. */
  #complete = 0;
  readonly #beyond = new Set<number>();

  constructor(run: string) {
    this.run = run;
  }

  get received(): number {
    return this.#complete + this.#beyond.size;
  }

  receive(body: string): void {
    const message = parse(body);
    if (message?.run !== this.run) this.foreign++;
    else if (message.number <= this.#complete || this.#beyond.has(message.number)) this.again++;
    else {
      this.#beyond.add(message.number);
      while (this.#beyond.delete(this.#complete + 1)) this.#complete++;
    }
  }
}

/** Undefined: someone else has sent it. */
function parse(body: string): Numbered | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isNumbered(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isNumbered(value: unknown): value is Numbered {
  if (typeof value !== 'object' || value === null) return false;
  return 'run' in value && typeof value.run === 'string' && 'number' in value && typeof value.number === 'number';
}
