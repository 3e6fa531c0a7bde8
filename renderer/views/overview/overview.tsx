// The engine at a glance: what flows, what needs attention, what it runs on, and how to connect.

import type { ReactNode } from 'react';
import { useLive } from '../../client/console.tsx';
import type { LiveModel } from '../../client/live-model.ts';
import { Command } from '../../components/command.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icons.tsx';
import { Meter } from '../../components/meter.tsx';
import { bytes, count, dateAndTime, duration, perSecond } from '../../format.ts';
import { concernsOf } from './attention.ts';
import { describeListener } from './listener-commands.ts';
import { Rates } from './rates.tsx';
import './overview.css';

export function Overview() {
  const model = useLive();
  return (
    <div className="view overview">
      <h1 className="visually-hidden" tabIndex={-1}>
        Overview
      </h1>
      <Rates />
      <div className="overview-side">
        <Attention model={model} />
        <Engine model={model} />
      </div>
      <Listeners model={model} />
    </div>
  );
}

function Attention({ model }: { readonly model: LiveModel }) {
  const concerns = concernsOf(model);
  return (
    <section className="panel" aria-labelledby="attention-title">
      <div className="panel-head">
        <h2 id="attention-title">Needs attention</h2>
      </div>
      {concerns.length === 0 ? (
        <p className="all-well soft">
          <Icon name="check" /> Nothing: no dead letters, no failed route, no queue left alone.
        </p>
      ) : (
        <ul className="concerns">
          {concerns.map(({ tone, text, href }) => (
            <li key={text} data-tone={tone}>
              <a href={href}>
                <Icon name="warning" />
                <span>{text}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Engine({ model }: { readonly model: LiveModel }) {
  const { overview, at, commitRate } = model;
  if (overview === undefined) return null;
  const { memory, store } = overview;
  const messages = `${bytes(memory.messageBytes)} of ${bytes(memory.messageLimitBytes)}`;
  return (
    <section className="panel" aria-labelledby="engine-title">
      <div className="panel-head">
        <h2 id="engine-title">Engine</h2>
        <span className="soft">version {overview.version}</span>
      </div>
      <dl className="facts">
        <Fact name="Up for" title={`since ${dateAndTime(overview.startedAt)}`}>
          {duration(at - overview.startedAt)}
        </Fact>
        <Fact name="Epoch" title="Grows with every start and takeover; only the engine with the newest one can write">
          {count(overview.epoch)}
        </Fact>
        {overview.users !== undefined && (
          <Fact name="Users" title="Those of the users' file; who of them is connected is among the clients">
            {count(overview.users)}
          </Fact>
        )}
        <Fact name="Memory" title="Resident size of the engine's process">
          {bytes(memory.residentBytes)}
        </Fact>
        <Fact name="Messages" title="Message bodies held in memory; the rest of a backlog waits on disk">
          {messages}
          <Meter
            label="Memory for messages"
            value={memory.messageBytes}
            limit={memory.messageLimitBytes}
            text={messages}
          />
        </Fact>
        <Fact name="Store" title="Size of the database and its journal">
          {bytes(store.bytes)}
        </Fact>
        <Fact name="Commits" title="Transactions synced to disk; one carries all that happened during the one before">
          {perSecond(commitRate)}/s, last took {store.lastCommitMs.toFixed(1)} ms
        </Fact>
        <Fact name="Data directory" wide>
          <code>{overview.dataDirectory}</code>
          <CopyButton text={overview.dataDirectory} what="data directory" />
        </Fact>
      </dl>
    </section>
  );
}

interface FactProps {
  readonly name: string;
  readonly title?: string;
  /** The value stands below its name. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

function Fact({ name, title, wide = false, children }: FactProps) {
  return (
    <div className={wide ? 'fact fact-wide' : 'fact'} title={title}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Listeners({ model }: { readonly model: LiveModel }) {
  const listeners = Object.entries(model.overview?.listeners ?? {});
  return (
    <section className="panel overview-listeners" aria-labelledby="listeners-title">
      <div className="panel-head">
        <h2 id="listeners-title">Connect</h2>
      </div>
      <table className="listeners">
        <thead>
          <tr>
            <th scope="col">Protocol</th>
            <th scope="col">Address</th>
            <th scope="col">Try it</th>
          </tr>
        </thead>
        <tbody>
          {listeners.map(([name, address]) => {
            const { label, url, command, needs, asksForUser } = describeListener(name, address, location.hostname);
            return (
              <tr key={name}>
                <th scope="row">
                  {label}
                  {asksForUser && (
                    <span className="listener-user soft" title="Clients must say who they are">
                      user
                    </span>
                  )}
                </th>
                <td>
                  <span className="listener-address">
                    <code>{url}</code>
                    <CopyButton text={url} what={`address of ${label}`} />
                  </span>
                </td>
                <td title={needs === undefined ? undefined : `Needs ${needs}`}>
                  {command === undefined ? null : <Command command={command} what={`command for ${label}`} oneLine />}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
