// A command line to copy and run.

import { CopyButton } from './copy-button.tsx';
import './command.css';

interface CommandProps {
  readonly command: string;
  readonly what?: string;
}

export function Command({ command, what = 'command' }: CommandProps) {
  return (
    <div className="command">
      <code>{command}</code>
      <CopyButton text={command} what={what} />
    </div>
  );
}
