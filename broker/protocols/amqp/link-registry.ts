// The links of a connection by name and role. A name stands for one link: attaching it again takes it over (part 2,
// section 2.6.1). Among connections of one container this is done only where links outlive theirs: subscription-link.ts.

import { WireError } from './conditions.ts';
import type { Link } from './link.ts';
import type { Session } from './session.ts';

/** Links of one connection, in all of its sessions. */
const maxLinks = 4096;

export class LinkRegistry {
  readonly #owners = new Map<string, { readonly link: Link; readonly session: Session }>();

  /** Ends the link that has this name and role, and refuses the attach if there are too many. */
  prepare(name: string, role: boolean): void {
    this.steal(name, role);
    if (this.#owners.size >= maxLinks) {
      throw new WireError('link', 'amqp:resource-limit-exceeded', `a connection has at most ${maxLinks} links`);
    }
  }

  /** Ends the link that has this name and role. False: there is none. */
  steal(name: string, role: boolean): boolean {
    const owner = this.#owners.get(key(name, role));
    if (owner === undefined) return false;
    owner.session.detach(owner.link, new WireError('link', 'amqp:link:stolen', `link "${name}" was attached again`));
    return true;
  }

  add(link: Link, session: Session): void {
    this.#owners.set(key(link.name, link.role), { link, session });
  }

  delete(link: Link): void {
    const name = key(link.name, link.role);
    if (this.#owners.get(name)?.link === link) this.#owners.delete(name);
  }
}

function key(name: string, role: boolean): string {
  return `${role ? 'r' : 's'}${name}`;
}
