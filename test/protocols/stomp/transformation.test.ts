// Maps as JSON and XML (header `transformation`), in the forms that ActiveMQ writes and reads.

import { describe, expect, it } from 'vitest';
import type { Message } from '../../../broker/core/message.ts';
import { message } from '../../support/messages.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';
import type { StompServer } from './stomp-server.ts';

const xml = `<map>
  <entry>
    <string>name</string>
    <string>Dejan</string>
  </entry>
  <entry>
    <string>age</string>
    <int>42</int>
  </entry>
</map>
`;
const json = '{"map":{"entry":[{"string":["name","Dejan"]},{"string":"age","int":42}]}}';
const value = '{"name":"Dejan","age":42}';

async function sent(server: StompServer, transformation: string, body: string, headers = ''): Promise<Message> {
  await using client = await RawClient.connected(server.port);
  client.send(`SEND\ndestination:/queue/a\ntransformation:${transformation}\n${headers}\n${body}\0`);
  await client.settled();
  const [found] = await server.broker.queue('a').browse(0, 1);
  await server.broker.queue('a').purge();
  return found!.message;
}

async function received(
  server: StompServer,
  transformation: string | undefined,
  fields: Parameters<typeof message>[0],
) {
  await server.broker.publish({ kind: 'queue', name: 'a' }, message(fields));
  await using client = await RawClient.connected(server.port);
  const asked = transformation === undefined ? '' : `transformation:${transformation}\n`;
  client.send(`SUBSCRIBE\nid:0\ndestination:/queue/a\n${asked}\n\0`);
  const { headers, body } = await client.frame();
  return { transformation: headers.get('transformation'), type: headers.get('content-type'), body: body.toString() };
}

function textOf({ properties }: Message, name: string): unknown {
  return properties.find((property) => property.name === name)?.value;
}

describe('a map that is sent', () => {
  it.each([
    ['jms-map-xml', xml],
    ['jms-map-json', json],
    ['jms-map-xml', `<?xml version="1.0"?><!-- a map --><linked-hash-map>${xml.slice(5, -7)}</linked-hash-map>`],
    ['jms-map-json', '{"map":{"entry":[{"string":["name","Dejan"]},{"string":"age","int":"42"}]}}'],
  ])('is a typed value, from %s', async (transformation, body) => {
    await using server = await stompServer();
    const { bodyType, body: found } = await sent(server, transformation, body);
    expect([bodyType, found.toString()]).toEqual(['value', value]);
  });

  it('has values of every type', async () => {
    await using server = await stompServer();
    const values =
      '<long>9223372036854775807</long>|<short>-3</short>|<byte>+7</byte>|<float>1.5</float>|<double>NaN</double>|' +
      '<boolean>true</boolean>|<null/>|<char>x</char>|<string>a &amp; &lt;b&gt; &#x20ac;<![CDATA[<c>]]></string>|' +
      '<byte-array>AQL/</byte-array>|<list><int>1</int><string>2</string></list>|<map/>|<string/>';
    const entries = values.split('|').map((each, index) => `<entry><string>${index}</string>${each}</entry>`);
    const { bodyType, body } = await sent(server, 'jms-map-xml', `<map>${entries.join('')}</map>`);
    expect(bodyType).toBe('value');
    expect(body.toString()).toBe(
      '{"0":9223372036854775807,"1":-3,"2":7,"3":1.5,"4":"NaN","5":true,"6":null,"7":"x","8":"a & <b> €<c>",' +
        '"9":"AQL/","10":[1,"2"],"11":{},"12":""}',
    );
  });

  it.each([
    ['jms-map-xml', 'Hello World', 'expected one XML element'],
    ['jms-map-xml', '<map><entry></map>', 'unexpected </map>'],
    ['jms-map-xml', '<map><entry><string>a</string></entry></map>', 'a map has entries of a key and a value'],
    ['jms-map-xml', '<pojo><name>Dejan</name></pojo>', 'expected a map, not "pojo"'],
    ['jms-map-xml', '<map><entry><string>a</string><int>x</int></entry></map>', 'no value of a map: "int" with "x"'],
    ['jms-map-xml', '<!DOCTYPE a [<!ENTITY b "c">]><map/>', 'no XML that is read here'],
    ['jms-map-xml', '<map><entry><string>&b;</string><null/></entry></map>', 'no entity that is known here: "&b;"'],
    ['jms-map-xml', '<map>'.repeat(200), 'more than 128 levels'],
    ['jms-map-json', 'Hello World', 'the body is not JSON'],
    ['jms-map-json', '{"map":"","list":""}', 'expected one object with one member'],
    ['jms-map-json', `{"map":${'{"entry":['.repeat(200)}`, 'the body is not JSON'],
    ['jms-object-xml', '<pojo/>', 'Java objects are not read'],
    ['jms-object-json', '{"pojo":""}', 'Java objects are not read'],
  ])('is text, with what is wrong in a header, where %s cannot be read: %s', async (transformation, body, error) => {
    await using server = await stompServer();
    const found = await sent(server, transformation, body);
    expect([found.bodyType, found.body.toString()]).toEqual(['text', body]);
    expect(textOf(found, 'transformation-error')).toContain(error);
    expect(textOf(found, 'transformation')).toBe(transformation);
  });

  it.each([
    ['of a transformation that is none', 'test', ''],
    ['to be taken as it is', 'jms-byte', ''],
  ])('is the body %s', async (_, transformation, headers) => {
    await using server = await stompServer();
    const found = await sent(server, transformation, json, headers);
    expect([found.bodyType, found.body.toString()]).toEqual(['text', json]);
    expect(textOf(found, 'transformation-error')).toBeUndefined();
  });

  it('is bytes with a content-length, as in ActiveMQ', async () => {
    await using server = await stompServer();
    expect((await sent(server, 'jms-map-json', json, `content-length:${json.length}\n`)).bodyType).toBe('bytes');
  });
});

describe('a typed value that is received', () => {
  it.each([
    ['jms-map-xml', 'jms-map-xml', xml],
    ['jms-xml', 'jms-map-xml', xml],
    ['jms-object-xml', 'jms-object-xml', xml],
    ['jms-map-json', 'jms-map-json', json],
    ['jms-json', 'jms-map-json', json],
  ])('is written as %s asks', async (asked, name, body) => {
    await using server = await stompServer();
    const frame = await received(server, asked, { text: value, bodyType: 'value' });
    expect(frame).toEqual({ transformation: name, type: undefined, body });
  });

  it('has values of every type', async () => {
    await using server = await stompServer();
    const text =
      '{"l":9007199254740993,"b":-1.5,"t":true,"n":null,"s":"<a & \\u0001>","e":"","a":[1,[]],"m":{"k":5000000000}}';
    const { body } = await received(server, 'jms-xml', { text, bodyType: 'value' });
    expect(body.replaceAll(/\n\s*/g, '')).toBe(
      '<map><entry><string>l</string><long>9007199254740993</long></entry>' +
        '<entry><string>b</string><double>-1.5</double></entry><entry><string>t</string><boolean>true</boolean></entry>' +
        '<entry><string>n</string><null/></entry>' +
        '<entry><string>s</string><string>&lt;a &amp; &#x1;&gt;</string></entry>' +
        '<entry><string>e</string><string></string></entry>' +
        '<entry><string>a</string><list><int>1</int><list/></list></entry>' +
        '<entry><string>m</string><map><entry><string>k</string><long>5000000000</long></entry></map></entry></map>',
    );
  });

  it('is written as its sender wrote it where nothing is asked', async () => {
    await using server = await stompServer();
    await using client = await RawClient.connected(server.port);
    client.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
    client.send(`SEND\ndestination:/queue/a\ntransformation:jms-map-xml\n\n${xml}\0`);
    const { headers, body } = await client.frame();
    expect([headers.get('transformation'), body.toString()]).toEqual(['jms-map-xml', xml]);
  });

  it('is plain JSON where neither side says anything', async () => {
    await using server = await stompServer();
    const frame = await received(server, undefined, { text: value, bodyType: 'value' });
    expect(frame).toEqual({ transformation: undefined, type: 'application/json', body: value });
  });

  it('goes from one form to the other', async () => {
    await using server = await stompServer();
    await using client = await RawClient.connected(server.port);
    client.send('SUBSCRIBE\nid:0\ndestination:/queue/a\ntransformation:jms-json\nack:client-individual\n\n\0');
    client.send(`SEND\ndestination:/queue/a\ntransformation:jms-map-xml\n\n${xml}\0`);
    const { headers, body } = await client.frame();
    expect([headers.get('transformation'), body.toString()]).toEqual(['jms-map-json', json]);
  });
});

it('leaves text and bytes as they are', async () => {
  await using server = await stompServer();
  expect((await received(server, 'jms-xml', { text: 'hello' })).body).toBe('hello');
  const bytes = await received(server, 'jms-xml', { body: Buffer.from([1, 2]), bodyType: 'bytes' });
  expect(bytes.body).toBe('\x01\x02');
});

it('shows a browser the same', async () => {
  await using server = await stompServer();
  await server.broker.publish({ kind: 'queue', name: 'a' }, message({ text: value, bodyType: 'value' }));
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:0\ndestination:/queue/a\ntransformation:jms-map-json\nbrowser:true\n\n\0');
  expect((await client.frame()).body.toString()).toBe(json);
});
