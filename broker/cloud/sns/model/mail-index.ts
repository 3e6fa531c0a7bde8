// Which mails the mailbox has, in order, and of what kind each is: so that the newest are found, of a queue that is read from
// its oldest on.

import type { MailKind } from './mailbox.ts';

export interface MailPage {
  /** Position before which to look, the newest first; absent: from the newest. */
  readonly before?: number;
  /** Position after which to look, in order: instead of `before`. */
  readonly after?: number;
  readonly kind?: MailKind;
  readonly limit: number;
}

export class MailIndex {
  /** In ascending order, whatever order commits end in. */
  #positions: number[] = [];
  readonly #kinds = new Map<number, MailKind>();

  add(position: number, kind: MailKind): void {
    if (this.#kinds.has(position)) return;
    this.#kinds.set(position, kind);
    const last = this.#positions.at(-1);
    this.#positions.push(position);
    if (last !== undefined && last > position) this.#positions.sort((a, b) => a - b);
  }

  get newest(): number {
    return this.#positions.at(-1) ?? 0;
  }

  drop(position: number): void {
    if (!this.#kinds.delete(position)) return;
    const at = this.#positions.indexOf(position);
    if (at !== -1) this.#positions.splice(at, 1);
  }

  /** All up to a position, which is left out too. */
  clear(newest: number): void {
    for (const position of this.#positions) if (position <= newest) this.#kinds.delete(position);
    this.#positions = this.#positions.filter((position) => position > newest);
  }

  /** Positions of a page, in its order, and whether there are more behind it. */
  page({ before = Infinity, after, kind, limit }: MailPage): { readonly positions: number[]; readonly more: boolean } {
    const wanted =
      after === undefined
        ? this.#positions.filter((position) => position < before).reverse()
        : this.#positions.filter((position) => position > after);
    const found = kind === undefined ? wanted : wanted.filter((position) => this.#kinds.get(position) === kind);
    return { positions: found.slice(0, limit), more: found.length > limit };
  }
}
