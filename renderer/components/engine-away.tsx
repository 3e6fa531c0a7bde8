// Said while the page has lost the engine: since when, that it is being looked for, and that what is shown is old.

import { useConsole } from '../client/console.tsx';
import { time } from '../format.ts';
import { Icon } from './icons.tsx';

interface EngineAwayProps {
  readonly since: number;
  readonly attempt: number;
}

export function EngineAway({ since, attempt }: EngineAwayProps) {
  const { retryNow } = useConsole();
  return (
    <div className="away" role="alert">
      <Icon name="warning" />
      <span>
        <strong>Engine away, reconnecting.</strong> What you see is from {time(since)}.
      </span>
      {attempt > 2 && (
        <button type="button" className="button" onClick={retryNow}>
          Try now
        </button>
      )}
    </div>
  );
}
