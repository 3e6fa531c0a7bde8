// The page's way to the shell, and all of it: the names of its calls, as preload.ts offers and page-calls.ts answers.

export const openDataDirectoryChannel = 'causeway:open-data-directory';

/** The page finds it as `window.causeway`; in a plain browser there is none. */
export interface Bridge {
  readonly platform: string;
  readonly version: string;
  openDataDirectory(): Promise<void>;
}
