// The console's token: taken from the address the engine printed, kept for this tab only, and removed from the
// address bar, so that it is neither bookmarked nor seen over a shoulder.

const key = 'causeway.token';
const parameter = 'token';

/** Call once, before anything reads the address. */
export function takeToken(): string | undefined {
  const address = new URL(location.href);
  const given = address.searchParams.get(parameter);
  if (given !== null) {
    sessionStorage.setItem(key, given);
    address.searchParams.delete(parameter);
    history.replaceState(history.state, '', address);
  }
  return sessionStorage.getItem(key) ?? undefined;
}

/** Goes to the console anew with a token, or with the whole address as it was pasted. */
export function openWithToken(pasted: string): void {
  const given = URL.canParse(pasted) ? new URL(pasted).searchParams.get(parameter) : pasted;
  if (given === null || given === '') return;
  sessionStorage.setItem(key, given);
  location.reload();
}
