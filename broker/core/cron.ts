// Times by a cron expression, as ActiveMQ's scheduler reads them: minute, hour, day of month, month, day of week, in local
// time; each a number, a range, a list, a step, or `*`.

import { BrokerError } from './errors.ts';

export interface Cron {
  /** The first time after `now`, in milliseconds since the epoch. */
  next(now: number): number;
}

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

const fields: readonly Field[] = [
  { name: 'minute', first: 0, last: 59 },
  { name: 'hour', first: 0, last: 23 },
  { name: 'day of month', first: 1, last: 31 },
  { name: 'month', first: 1, last: 12 },
  // Sunday is 0, and 7.
  { name: 'day of week', first: 0, last: 7 },
];

/** Leap days are at most eight years apart. */
const mostDays = 9 * 366;

/** @throws BrokerError `invalid`, with the field that is not one; also for a day that never comes. */
export function parseCron(text: string): Cron {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length) {
    throw new BrokerError('invalid', `cron "${text}": expected five fields, minute to day of week`);
  }
  const parsed = parts.map((part, i) => parseField(part, fields[i]!));
  const [minutes = none, hours = none, days = none, months = none, weekdays = none] = parsed;
  const isDay = (date: Date): boolean => {
    if (!months.has(date.getMonth() + 1)) return false;
    const onDay = days.has(date.getDate());
    const weekday = date.getDay();
    const onWeekday = weekdays.has(weekday) || (weekday === 0 && weekdays.has(7));
    // Where both are restricted, either will do (crontab(5)).
    return parts[2] !== '*' && parts[4] !== '*' ? onDay || onWeekday : onDay && onWeekday;
  };
  const next = (now: number): number | undefined => {
    const time = new Date(now);
    time.setSeconds(0, 0);
    time.setMinutes(time.getMinutes() + 1);
    for (let day = 0; day < mostDays; day++) {
      for (; isDay(time); time.setMinutes(time.getMinutes() + 1)) {
        const { hour, minute } = { hour: time.getHours(), minute: time.getMinutes() };
        if (hours.has(hour) && minutes.has(minute)) return time.getTime();
        if (hour === 23 && minute === 59) break;
      }
      time.setDate(time.getDate() + 1);
      time.setHours(0, 0, 0, 0);
    }
    return undefined;
  };
  if (next(0) === undefined) throw new BrokerError('invalid', `cron "${text}": there is no such day`);
  return { next: (now) => next(now) ?? Infinity };
}

const none: ReadonlySet<number> = new Set();

function parseField(text: string, { name, first, last }: Field): Set<number> {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
    const [, from, to, step] = match ?? [];
    const start = from === undefined ? first : Number(from);
    const end = to !== undefined ? Number(to) : from === undefined || step !== undefined ? last : start;
    const by = Number(step ?? 1);
    if (match === null || start < first || end > last || start > end || by === 0) {
      throw new BrokerError('invalid', `cron: "${part}" is no ${name}`);
    }
    for (let value = start; value <= end; value += by) values.add(value);
  }
  return values;
}
