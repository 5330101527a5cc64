import { own, type Setting, wholeSetting } from "./setting.ts";

const limit = (what: string): Setting<number> =>
  own(wholeSetting(`${what}; 0 for any number`, 0, { min: 0, max: 2 ** 31 - 1 }));

/** How much clients may ask for. */
export const limitSettings = {
  maxConnections: limit("clients that may be connected"),
  maxConnectionsPerAddress: limit("clients that may be connected from one IP address, of IPv6 from one /64"),
  maxPublishers: limit("publishers at once"),
  maxHandshakesPerSecond: limit("new clients in a second"),
};
