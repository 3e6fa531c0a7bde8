// A command line to copy and run.

import { CopyButton } from './copy-button.tsx';
import './command.css';

interface CommandProps {
  readonly command: string;
  readonly what?: string;
  /** Cut where its place ends; it is copied whole. */
  readonly oneLine?: boolean;
}

export function Command({ command, what = 'command', oneLine = false }: CommandProps) {
  return (
    <div className={oneLine ? 'command command-line' : 'command'}>
      <code title={oneLine ? command : undefined}>{command}</code>
      <CopyButton text={command} what={what} />
    </div>
  );
}
