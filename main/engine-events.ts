// What an engine tells its shell: the objects of its ready line (`causeway serve`), posted as messages. They come from
// another process, so that they are looked at before they are believed.

export type EngineEvent =
  | { readonly event: 'ready'; readonly consoleUrl: string | undefined }
  | { readonly event: 'standby' }
  | { readonly event: 'stopped' }
  | { readonly event: 'failed'; readonly message: string };

/** What the shell tells its engine: to end in order, as SIGTERM does; Windows has no such signal. */
export const stopCommand = { command: 'stop' } as const;

/** Undefined for what is none of them: a newer engine may say more. */
export function parseEngineEvent(message: unknown): EngineEvent | undefined {
  if (!isRecord(message)) return undefined;
  switch (message['event']) {
    case 'ready':
      // None where the configuration closes the console.
      return { event: 'ready', consoleUrl: text(message['consoleUrl']) };
    case 'standby':
      return { event: 'standby' };
    case 'stopped':
      return { event: 'stopped' };
    case 'failed':
      return { event: 'failed', message: text(message['message']) ?? 'the engine gave no reason' };
    default:
      return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
