// A page of the console in Debian's Chromium, in a context of its own: nothing is stored from one test to the next.

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { buildRendererIfStale } from '../../main/renderer-build.ts';
import { chromiumProgram, launchBrowser } from '../support/browser.ts';

export const hasChromium = chromiumProgram.present;

/** The browser, once the page is built from its sources as they are. */
export async function startBrowser(): Promise<Browser> {
  await buildRendererIfStale();
  return launchBrowser();
}

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** What the page complained of: exceptions, errors and warnings on its console, refusals by its policy. */
  readonly complaints: string[];
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(25_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}
