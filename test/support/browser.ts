// Debian's Chromium, driven by playwright-core: headless, and without the services that would look for the internet.
import { chromium, type Browser } from 'playwright-core';
import { debian } from './debian.ts';

export const chromiumProgram = debian('chromium', 'chromium');

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumProgram.path,
    args: [
      '--no-sandbox', // tests run as root
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
