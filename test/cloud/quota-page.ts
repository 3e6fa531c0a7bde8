// The tables of quotas, as docs/aws.md has them between its marks. To write them anew:
//   node test/cloud/quota-page.ts

import { readFileSync, writeFileSync } from 'node:fs';
import { quotas, sourceDate, sourceOf } from '../../broker/cloud/quota-table.ts';
import type { QuotaFact } from '../../broker/cloud/quota-table.ts';

export const pageFile = new URL('../../docs/aws.md', import.meta.url);

const titles = { sqs: 'SQS', sns: 'SNS', kinesis: 'Kinesis Data Streams' } as const;
const applied = {
  always: 'always',
  shard: 'unless `off`',
  quotas: 'as `cloud.quotas` says',
  counted: 'counted',
} as const;
const begin = '<!-- quotas: written by test/cloud/quota-page.ts -->\n';
const end = '<!-- end of quotas -->\n';

export function quotaTables(): string {
  const services = ['sqs', 'sns', 'kinesis'] as const;
  return services.map((service) => `### Quotas of ${titles[service]}\n\n${tableOf(service)}`).join('\n');
}

/** The part of the page that the tables are. */
export function quotasOf(page: string): string {
  return page.slice(page.indexOf(begin) + begin.length, page.indexOf(end));
}

function tableOf(service: QuotaFact['service']): string {
  const all: readonly (readonly [string, QuotaFact])[] = Object.entries(quotas);
  const rows = all
    .filter(([, fact]) => fact.service === service)
    .map(([name, fact]) => {
      const seen = fact.verified ? sourceDate : 'not seen';
      const value = `${fact.value.toLocaleString('en')} ${fact.unit}${elsewhere(fact)}`;
      return [`\`${name}\``, fact.what, value, fact.scope, applied[fact.applied], `[${seen}](${sourceOf(fact)})`];
    });
  const head = ['quota', 'of what', 'at most', 'of each', 'applied', 'source'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return line(head) + line(widths.map((width) => '-'.repeat(width))) + rows.map(line).join('');
}

/** `; 19,000 in us-east-2, eu-central-1; 2,400 elsewhere` */
function elsewhere({ regions = {} }: QuotaFact): string {
  const byValue = Object.groupBy(Object.entries(regions), ([, value]) => value.toLocaleString('en'));
  return Object.entries(byValue)
    .map(([value, found = []]) => {
      const names = found.map(([region]) => region);
      return `; ${value} ${names.includes('') ? 'elsewhere' : `in ${names.join(', ')}`}`;
    })
    .join('');
}

if (import.meta.main) {
  const page = readFileSync(pageFile, 'utf8');
  const at = page.indexOf(begin);
  writeFileSync(pageFile, `${page.slice(0, at)}${begin}\n${quotaTables()}\n${page.slice(page.indexOf(end))}`);
}
