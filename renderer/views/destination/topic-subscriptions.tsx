// The subscriptions to a topic of SNS: to what, and which messages. Beside the list, the one that is looked at.

import { useMemo, useState } from 'react';
import type { DestinationRow } from '../../../broker/control/api.ts';
import type { TopicSubscription } from '../../../broker/control/api-cloud.ts';
import { useAnswer } from '../../client/use-answer.ts';
import { Badge } from '../../components/badge.tsx';
import { Command } from '../../components/command.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { DataGrid } from '../../components/data-grid.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import type { Column } from '../../components/grid-types.ts';
import { count, plural } from '../../format.ts';
import { isJson } from './body-formats.ts';
import { JsonText } from './json-text.tsx';
import { Item } from './message-detail.tsx';

const everyMs = 2_000;

export function TopicSubscriptions({ row }: { readonly row: DestinationRow }) {
  const request = useMemo(() => ({ destination: row.id }), [row.id]);
  const { answer, failure } = useAnswer('describeTopic', request, everyMs);
  const [chosen, setChosen] = useState<string>();
  const subscriptions = answer?.subscriptions ?? [];
  const selected = subscriptions.find(({ arn }) => arn === chosen) ?? subscriptions[0];
  return (
    <div className="messages">
      <section className="panel message-list" aria-label="Subscriptions">
        <div className="panel-head">
          <h2>Subscriptions</h2>
          <output className={failure === undefined ? 'soft' : 'error-text'}>
            {failure ?? (row.consumers > subscriptions.length ? `the first ${count(subscriptions.length)}` : '')}
          </output>
        </div>
        <DataGrid
          label="Subscriptions"
          columns={columns}
          rows={subscriptions.map((item) => ({ id: item.arn, item }))}
          selected={selected?.arn}
          onOpen={setChosen}
          empty={answer === undefined ? null : <NoSubscriptions arn={answer.arn} />}
        />
      </section>
      <section className="panel message-panel" aria-label="Selected subscription">
        {selected === undefined ? (
          <p className="soft message-none">No subscription selected.</p>
        ) : (
          <SubscriptionDetail key={selected.arn} subscription={selected} />
        )}
      </section>
    </div>
  );
}

function NoSubscriptions({ arn }: { readonly arn: string }) {
  return (
    <EmptyState title="Nobody subscribes to this topic">
      <p>What is published to it goes nowhere. Subscribe a queue with the AWS CLI, at this engine&apos;s endpoint:</p>
      <Command
        command={`aws sns subscribe --topic-arn ${arn} --protocol sqs --notification-endpoint QUEUE_ARN`}
        what="command"
      />
    </EmptyState>
  );
}

function SubscriptionDetail({ subscription }: { readonly subscription: TopicSubscription }) {
  const { arn, protocol, endpoint, confirmed, raw, filter } = subscription;
  return (
    <div className="message-detail">
      <section aria-label="Subscription">
        <div className="message-section-head">
          <h2>Subscription</h2>
          <Confirmed confirmed={confirmed} />
        </div>
        <dl className="delivery">
          <Item name="Endpoint" wide>
            <code>{endpoint}</code> <CopyButton text={endpoint} what="endpoint" />
          </Item>
          <Item name="ARN" wide>
            <code>{arn}</code> <CopyButton text={arn} what="ARN of the subscription" />
          </Item>
          <Item name="Protocol">{protocol}</Item>
          <Item name="Delivery">{raw ? 'the message alone' : 'in an envelope'}</Item>
        </dl>
        {!confirmed && (
          <p className="soft">It gets nothing until its endpoint confirms with the token that it was sent.</p>
        )}
      </section>
      <section aria-label="Filter policy">
        <div className="message-section-head">
          <h2>Filter policy</h2>
          {filter !== undefined && (
            <>
              <span className="soft">{filter.scope === 'MessageBody' ? 'of the body' : 'of the attributes'}</span>
              <div className="message-section-end">
                <CopyButton text={filter.policy} what="filter policy" />
              </div>
            </>
          )}
        </div>
        {filter === undefined ? (
          <p className="soft">None: it gets every message.</p>
        ) : (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard
          <pre className="body-text" data-format="json" tabIndex={0} aria-label="Filter policy as JSON">
            {isJson(filter.policy) ? <JsonText text={filter.policy} /> : filter.policy}
          </pre>
        )}
      </section>
    </div>
  );
}

function Confirmed({ confirmed }: { readonly confirmed: boolean }) {
  return confirmed ? <Badge tone="good">confirmed</Badge> : <Badge tone="caution">pending</Badge>;
}

const columns: readonly Column<TopicSubscription>[] = [
  {
    id: 'endpoint',
    header: 'Endpoint',
    width: 10,
    grows: true,
    cell: ({ endpoint }) => (
      <code className="truncate" title={endpoint}>
        {shortened(endpoint)}
      </code>
    ),
  },
  { id: 'protocol', header: 'Protocol', width: 6, cell: ({ protocol }) => protocol },
  { id: 'confirmed', header: 'State', width: 6.25, cell: ({ confirmed }) => <Confirmed confirmed={confirmed} /> },
  {
    id: 'filter',
    header: 'Filter',
    width: 7,
    cell: ({ filter }) =>
      filter === undefined ? (
        <span className="zero">none</span>
      ) : (
        <span className="truncate" title={filter.policy}>
          {fieldsOf(filter.policy)}
        </span>
      ),
  },
];

/** Of an ARN what tells it from others. */
function shortened(endpoint: string): string {
  return endpoint.startsWith('arn:') ? endpoint.split(':').slice(5).join(':') : endpoint;
}

function fieldsOf(policy: string): string {
  if (!isJson(policy)) return 'yes';
  const value: unknown = JSON.parse(policy);
  const fields = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return fields.length === 1 ? (fields[0] ?? '') : plural(fields.length, 'field');
}
