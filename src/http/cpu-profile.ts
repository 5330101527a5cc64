import { Session } from "node:inspector/promises";

/** How often it is noted what runs, in microseconds. */
const samplingIntervalUs = 1_000;

/** Notes what the process spends its time with, until `ended`. Gives it in the format that browsers read (`.cpuprofile`). */
export const takeCpuProfile = async (ended: Promise<unknown>): Promise<unknown> => {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: samplingIntervalUs });
    await session.post("Profiler.start");
    await ended;
    const { profile } = await session.post("Profiler.stop");
    return profile;
  } finally {
    session.disconnect();
  }
};
