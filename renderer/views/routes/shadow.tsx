// A shadow's comparison: what became of the copies on the other side, in five figures, and on request the first messages of
// each kind.

import { useMemo, useState } from 'react';
import type { ComparedExample, RouteComparison, RouteRow } from '../../../broker/control/api-routes.ts';
import { useAnswer } from '../../client/use-answer.ts';
import { Badge } from '../../components/badge.tsx';
import type { Tone } from '../../components/badge.tsx';
import { Icon } from '../../components/icons.tsx';
import { count, time } from '../../format.ts';
import './shadow.css';

const askMs = 2000;

type Compared = NonNullable<RouteRow['compared']>;

/** Of those that arrived, the last three. */
const figures: readonly (readonly [key: keyof Compared, name: string, tone: '' | 'caution-text' | 'error-text'])[] = [
  ['arrived', 'Arrived', ''],
  ['missing', 'Missing', 'error-text'],
  ['late', 'Late', 'caution-text'],
  ['reordered', 'Reordered', 'caution-text'],
  ['different', 'Different', 'error-text'],
];

const tones: Readonly<Record<ComparedExample['state'], Tone>> = {
  missing: 'bad',
  different: 'bad',
  extra: 'caution',
  late: 'caution',
  reordered: 'caution',
  unknown: 'neutral',
};

export function Shadow({ route }: { readonly route: RouteRow }) {
  const { mode, compared, droppedCopies = 0, behind = 0 } = route;
  if (mode === undefined) return null;
  return (
    <>
      {droppedCopies > 0 && (
        <p className="route-error error-text">
          <Icon name="warning" /> {count(droppedCopies)} copies were dropped, because too many waited
        </p>
      )}
      {compared !== undefined && (
        <section className="compared" aria-label={`Comparison of ${route.name}`}>
          <dl className="compared-figures">
            {figures.map(([key, name, tone]) => (
              <div key={key}>
                <dt>{name}</dt>
                <dd className={compared[key] > 0 ? tone : ''}>{count(compared[key])}</dd>
              </div>
            ))}
          </dl>
          <Detail name={route.name} />
        </section>
      )}
      {mode === 'shadow' && compared === undefined && (
        <p className="route-lossless soft">
          {behind > 0 ? `${count(behind)} copies wait. ` : ''}What is received from <code>{route.to}</code> is not seen.
        </p>
      )}
    </>
  );
}

function Detail({ name }: { readonly name: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="compared-detail" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Sides and examples</summary>
      {isOpen && <Examples name={name} />}
    </details>
  );
}

function Examples({ name }: { readonly name: string }) {
  const request = useMemo(() => ({ name }), [name]);
  const { answer, failure } = useAnswer('compareRoute', request, askMs);
  if (failure !== undefined) return <p className="error-text">{failure}</p>;
  const comparison = answer === undefined || 'csv' in answer ? undefined : answer;
  if (comparison?.compared === undefined) return <p className="soft">Reading…</p>;
  const { compared } = comparison;
  return (
    <>
      <Sides comparison={comparison} compared={compared} />
      {compared.examples.length > 0 && <ExampleTable examples={compared.examples} />}
    </>
  );
}

interface SidesProps {
  readonly comparison: RouteComparison;
  readonly compared: NonNullable<RouteComparison['compared']>;
}

function Sides({ comparison: { behind }, compared }: SidesProps) {
  const { left, right, by, counts, waiting, lateMs, windowMs } = compared;
  return (
    <dl className="compared-sides">
      <Side name="Left" address={left} settled={counts.left} failed={counts.leftFailed} waits={waiting.left} />
      <Side name="Right" address={right} settled={counts.right} failed={counts.rightFailed} waits={waiting.right} />
      <div>
        <dt>Known by</dt>
        <dd>
          {by}; late after {seconds(lateMs)}, missing after {seconds(windowMs)}
        </dd>
      </div>
      <div>
        <dt>Also</dt>
        <dd>
          {count(counts.extra)} on the right only, {count(counts.unknown)} unknown, {count(counts.unkeyed)} without a
          key, {count(behind)} copies wait
        </dd>
      </div>
    </dl>
  );
}

interface SideProps {
  readonly name: string;
  readonly address: string;
  readonly settled: number;
  readonly failed: number;
  readonly waits: number;
}

function Side({ name, address, settled, failed, waits }: SideProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{address}</code> {count(settled)} settled, {count(failed)} dead or expired, {count(waits)} wait for the
        other side
      </dd>
    </div>
  );
}

function ExampleTable({ examples }: { readonly examples: readonly ComparedExample[] }) {
  return (
    <table className="losses">
      <caption className="visually-hidden">The first messages of each kind</caption>
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">Message</th>
          <th scope="col">What</th>
          <th scope="col" data-numeric>
            At
          </th>
        </tr>
      </thead>
      <tbody>
        {examples.map((example) => (
          <tr key={`${example.state} ${example.id} ${example.at}`}>
            <td>
              <Badge tone={tones[example.state]}>{example.state}</Badge>
            </td>
            <th scope="row">
              <code>{example.id}</code>
            </th>
            <td className="soft">
              <What example={example} />
            </td>
            <td data-numeric>{time(example.at)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function What({ example: { byMs, difference } }: { readonly example: ComparedExample }) {
  if (byMs !== undefined) return <>{seconds(byMs)} after the left side</>;
  if (difference === undefined) return null;
  const { field, left, right } = difference;
  return (
    <>
      <code>{field}</code>: {left} on the left, {right} on the right
    </>
  );
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}
