// How many connections all listeners hold together, and from one address.

export class ConnectionLimits {
  readonly #total: number;
  readonly #perAddress: number;
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  constructor(total: number, perAddress: number) {
    this.#total = total;
    this.#perAddress = perAddress;
  }

  /** @returns why one more is not taken. What is taken is given back with `left`. */
  entered(address: string): string | undefined {
    if (this.#count >= this.#total) return `there are ${this.#total} connections already`;
    const here = this.#byAddress.get(address) ?? 0;
    if (here >= this.#perAddress) return `there are ${this.#perAddress} connections from this address already`;
    this.#byAddress.set(address, here + 1);
    this.#count += 1;
    return undefined;
  }

  left(address: string): void {
    const here = this.#byAddress.get(address) ?? 0;
    if (here > 1) this.#byAddress.set(address, here - 1);
    else this.#byAddress.delete(address);
    this.#count -= 1;
  }
}
