// Numbers, sizes and times as the page shows them. Every figure that changes is set in tabular numerals.

const integers = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('sv-SE', { year: 'numeric', month: '2-digit', day: '2-digit' });

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

const spans = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

export function count(value: number): string {
  return integers.format(value);
}

/** For axes and badges, where three figures are enough. */
export function roughly(value: number): string {
  return compact.format(value);
}

/** Of a share from 0 to 1: a small one to the tenth. */
export function percent(share: number): string {
  const value = share * 100;
  return `${Number.isInteger(value) || value >= 99.95 ? integers.format(Math.round(value)) : tenths.format(value)} %`;
}

/** Messages a second: slow ones to the tenth, so that one message in two seconds is not nothing. */
export function perSecond(rate: number): string {
  if (rate === 0) return '0';
  return rate < 9.95 ? tenths.format(Math.max(rate, 0.1)) : integers.format(Math.round(rate));
}

export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 1023.95 && unit < byteUnits.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? integers.format(size) : tenths.format(size)} ${byteUnits[unit] ?? ''}`;
}

/** The two largest units: `3 h 12 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const first = spans.findIndex(([, length]) => seconds >= length);
  if (first === -1) return '0 s';
  const parts: string[] = [];
  let rest = seconds;
  for (const [unit, length] of spans.slice(first, first + 2)) {
    const amount = Math.floor(rest / length);
    rest -= amount * length;
    if (amount > 0) parts.push(`${amount} ${unit}`);
  }
  return parts.join(' ');
}

export function time(at: number): string {
  return clock.format(at);
}

/** The time, or the day where that is another one. */
export function timeOrDay(at: number, now: number): string {
  return day.format(at) === day.format(now) ? clock.format(at) : day.format(at);
}

export function dateAndTime(at: number): string {
  return `${day.format(at)} ${clock.format(at)}`;
}

export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}
