// Runs in the page's sandbox before the page: offers it the bridge, and nothing else of Electron. Built as CommonJS,
// which a sandboxed preload script must be.
import { contextBridge, ipcRenderer } from 'electron';
import { openDataDirectoryChannel, type Bridge } from './bridge.ts';

const versionArgument = '--causeway-version=';

const bridge: Bridge = {
  platform: process.platform,
  version: process.argv.find((argument) => argument.startsWith(versionArgument))?.slice(versionArgument.length) ?? '',
  async openDataDirectory() {
    await ipcRenderer.invoke(openDataDirectoryChannel);
  },
};

contextBridge.exposeInMainWorld('causeway', bridge);
