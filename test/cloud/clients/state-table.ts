// One table of DynamoDB, in memory, for what consumers of Kinesis keep there: as much of its expressions as lifion-kinesis
// writes (SET, REMOVE, if_not_exists; equality and existence, joined by AND), and nothing else.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A value as DynamoDB has it: `{ S: 'text' }`, `{ M: { name: value } }`. */
type Typed = { M?: Record<string, Typed> } & Record<string, unknown>;

interface Expressions {
  readonly Key?: Record<string, Typed>;
  readonly Item?: Record<string, Typed>;
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, Typed>;
}

export interface StateTable extends AsyncDisposable {
  readonly url: string;
}

export async function stateTable(): Promise<StateTable> {
  const items = new Map<string, Typed>();
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const [, action = ''] = String(request.headers['x-amz-target']).split('.');
      const answer = act(items, action, JSON.parse(text) as Expressions);
      const status = answer === undefined ? 400 : 200;
      const refused = { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', message: action };
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(answer ?? refused));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Undefined: the condition does not hold. */
function act(items: Map<string, Typed>, action: string, asked: Expressions): object | undefined {
  const { Key, Item, ConditionExpression } = asked;
  const keyed = Key ?? Item ?? {};
  const key = `${String(keyed['consumerGroup']?.['S'])} ${String(keyed['streamName']?.['S'])}`;
  const item = items.get(key);
  if (ConditionExpression !== undefined && !holds(ConditionExpression, item, asked)) return undefined;
  switch (action) {
    case 'DescribeTable':
      return { Table: { TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/state', TableStatus: 'ACTIVE' } };
    case 'GetItem':
      return item === undefined ? {} : { Item: item.M };
    case 'PutItem':
      items.set(key, { M: structuredClone(Item ?? {}) });
      return {};
    case 'DeleteItem':
      items.delete(key);
      return {};
    case 'UpdateItem': {
      const updated: Typed = structuredClone(item ?? { M: { ...Key } });
      update(updated, asked);
      items.set(key, updated);
      return {};
    }
    default:
      throw new Error(`the table has no ${action}`);
  }
}

function update(item: Typed, asked: Expressions): void {
  const { UpdateExpression = '', ExpressionAttributeValues: values = {} } = asked;
  for (const [, verb, list = ''] of UpdateExpression.matchAll(/(SET|REMOVE) (.*?)(?= SET | REMOVE |$)/gs)) {
    for (const clause of list.split(/,\s*(?![^(]*\))/)) {
      const [left = '', right = ''] = clause.trim().split(/\s*=\s*/);
      const { parent, name } = place(left, item, asked);
      if (verb === 'REMOVE') {
        delete parent![name];
        continue;
      }
      const [, path = '', otherwise = ''] = /^if_not_exists\((.*), *(:\w+)\)$/.exec(right) ?? [];
      parent![name] = path === '' ? values[right]! : (valueAt(path, item, asked) ?? values[otherwise]!);
    }
  }
}

function holds(condition: string, item: Typed | undefined, asked: Expressions): boolean {
  return condition.split(' AND ').every((term) => {
    const [, negated, path] = /^attribute_(not_)?exists\((.*)\)$/.exec(term.trim()) ?? [];
    if (path !== undefined) return (valueAt(path, item, asked) === undefined) === (negated !== undefined);
    const [left = '', right = ''] = term.trim().split(/\s*=\s*/);
    return JSON.stringify(valueAt(left, item, asked)) === JSON.stringify(asked.ExpressionAttributeValues?.[right]);
  });
}

function valueAt(path: string, item: Typed | undefined, asked: Expressions): Typed | undefined {
  const { parent, name } = place(path, item, asked);
  return parent?.[name];
}

function place(
  path: string,
  item: Typed | undefined,
  { ExpressionAttributeNames: names = {} }: Expressions,
): { readonly parent: Record<string, Typed> | undefined; readonly name: string } {
  const steps = path.trim().split('.');
  const resolved = steps.map((step) => names[step] ?? step);
  let parent = item?.M;
  for (const step of resolved.slice(0, -1)) parent = parent?.[step]?.M;
  return { parent, name: resolved.at(-1)! };
}
