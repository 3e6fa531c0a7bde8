// Answers the page's calls (bridge.ts). Each looks first at who calls: any frame that ever runs in a window could send
// the same words.
import { ipcMain, type WebFrameMain } from 'electron';
import { openDataDirectoryChannel } from './bridge.ts';

interface Answers {
  readonly isPage: (frame: WebFrameMain | null) => boolean;
  readonly openDataDirectory: () => Promise<void>;
}

export function answerPageCalls({ isPage, openDataDirectory }: Answers): void {
  ipcMain.handle(openDataDirectoryChannel, async (event) => {
    if (!isPage(event.senderFrame)) throw new Error('not the console');
    await openDataDirectory();
  });
}
