// That docs/compatibility.md shows what the tests of this folder hold: `npx vitest run test/interop -u` writes its tables.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { filled } from './markdown.ts';
import { tables } from './tables.ts';

const path = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url));

it('the document has the tables that are tested', async () => {
  await expect(filled(readFileSync(path, 'utf8'), tables)).toMatchFileSnapshot(path);
});
