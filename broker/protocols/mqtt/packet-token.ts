// What an entry of a session's queue bears once it was sent as a packet: its packet identifier and what it waits for, as
// one number (Delivery.token), so that it is sent again as the same packet [MQTT-4.4.0-1].

/** `puback`: sent at QoS 1. `pubrec`: sent at QoS 2. `pubcomp`: released. */
export const awaiting = { puback: 1, pubrec: 2, pubcomp: 3 } as const;

export type Phase = (typeof awaiting)[keyof typeof awaiting];

export function tokenOf(id: number, awaited: Phase): number {
  return (awaited << 16) | id;
}

export function idOf(token: number): number {
  return token & 0xffff;
}

export function phaseOf(token: number): number {
  return token >> 16;
}
