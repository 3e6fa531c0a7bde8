// Names of topics in MQTT and in the engine.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { swapNames } from '../../../broker/protocols/mqtt/topic-names.ts';

const seed = 20_261_121;

describe('the mapping to the engine', () => {
  it('loses nothing in either direction', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('/', '.', '+', '*', '#', '>', 'a', 'é') }), (name) => {
        expect(swapNames(swapNames(name))).toBe(name);
      }),
      { seed },
    );
  });

  it.each([
    ['sensors/1/temperature', 'sensors.1.temperature'],
    ['a.b/c', 'a/b.c'],
    ['+/b/#', '*.b.>'],
    ['*/>', '+.#'],
  ])('of %j is %j', (mqtt, engine) => {
    expect(swapNames(mqtt)).toBe(engine);
    expect(swapNames(engine)).toBe(mqtt);
  });
});
