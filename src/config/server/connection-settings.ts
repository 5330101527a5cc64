import { ConfigError } from "../../base/errors.ts";
import { field } from "../field.ts";
import { durationSetting, type Setting, switchSetting, textSetting, wholeSetting } from "./setting.ts";

const powerOfTwo = (setting: Setting<number>): Setting<number> => ({
  ...setting,
  type: "power of two",
  schema: field(
    setting.doc,
    (value) => {
      const given = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
      if (typeof given !== "number" || !Number.isInteger(Math.log2(given)) || given < 1 || given > 2 ** 24)
        throw new ConfigError(`${String(given)}, expected a power of two from 1 to ${2 ** 24}`);
      return given;
    },
    { jsonSchema: { enum: Array.from({ length: 25 }, (_, power) => 2 ** power) } },
  ),
});

/** What all connections have in common. */
export const connectionSettings = {
  readTimeout: durationSetting("how long a peer may send nothing", "10s", { isPositive: true }),
  writeTimeout: durationSetting("how long a write may take", "10s", { isPositive: true }),
  writeQueueSize: powerOfTwo(
    wholeSetting("frames that wait for a slow reader before some are dropped", 512, { min: 1, max: 2 ** 24 }),
  ),
  udpMaxPayloadSize: wholeSetting("largest payload of a UDP packet, in bytes", 1_452, { min: 1, max: 1_472 }),
  udpReadBufferSize: wholeSetting("read buffer of UDP sockets, in bytes; 0 leaves it to the system", 0, {
    min: 0,
    max: 2 ** 31 - 1,
  }),
  runOnConnect: textSetting("command that is run when a client connects"),
  runOnConnectRestart: switchSetting("start that command again when it ends by itself"),
  runOnDisconnect: textSetting("command that is run when a client disconnects"),
};
