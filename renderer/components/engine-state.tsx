// The engine's role, or that the page has lost sight of it. Always there, always as wide.

import { useConsole, useLive } from '../client/console.tsx';
import { Badge } from './badge.tsx';

const roles = {
  active: { tone: 'good', text: 'Active', title: 'This engine serves clients and holds the store' },
  standby: { tone: 'caution', text: 'Standby', title: 'This engine waits for the active one to end' },
} as const;

export function EngineState() {
  const { connection } = useConsole();
  const { overview } = useLive();
  if (connection.kind === 'live' && overview !== undefined) {
    const { tone, text, title } = roles[overview.role];
    return (
      <Badge tone={tone} dot title={`${title}. Epoch ${overview.epoch}.`}>
        {text}
      </Badge>
    );
  }
  return (
    <Badge tone="caution" dot>
      {connection.kind === 'connecting' ? 'Connecting' : 'Away'}
    </Badge>
  );
}
