// Where the page is: `#/view/id?q=…&sort=…`. In the fragment, so that any server of files can serve the page, and what
// is being looked at survives a reload and can be sent to a colleague.

import { useMemo, useSyncExternalStore } from 'react';

export interface Route {
  readonly view: string;
  /** Which one of the view's things. */
  readonly id?: string;
  readonly parameters: URLSearchParams;
}

const changed = new EventTarget();

export function useRoute(): Route {
  const fragment = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => parseFragment(fragment), [fragment]);
}

export function parseFragment(fragment: string): Route {
  const [path = '', query = ''] = fragment.replace(/^#?\/?/, '').split('?', 2);
  const [view = '', id] = path.split('/', 2);
  const parameters = new URLSearchParams(query);
  return id === undefined || id === '' ? { view, parameters } : { view, id: decode(id), parameters };
}

export function hrefOf(view: string, id?: string, parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${view}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${query === '' ? '' : `?${query}`}`;
}

export function navigate(href: string): void {
  location.hash = href;
}

/** Changes parameters without a step in the browser's history: typing in a filter is not a journey. */
export function replaceParameters(changes: Readonly<Record<string, string>>): void {
  const { view, id, parameters } = parseFragment(location.hash);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') parameters.delete(name);
    else parameters.set(name, value);
  }
  history.replaceState(history.state, '', hrefOf(view, id, Object.fromEntries(parameters)));
  changed.dispatchEvent(new Event('change'));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  changed.addEventListener('change', listener);
  return () => {
    window.removeEventListener('hashchange', listener);
    changed.removeEventListener('change', listener);
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // typed by hand: looked for as it stands
  }
}
