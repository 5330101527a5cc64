import { httpSettings } from "./http-settings.ts";

/** What is for administrators, and for looking at recordings. */
export const adminSettings = {
  ...httpSettings("api", { what: "the control API", address: "127.0.0.1:9997", isOn: true }),
  ...httpSettings("metrics", { what: "metrics for Prometheus", address: "127.0.0.1:9998", isOn: true }),
  ...httpSettings("pprof", { what: "profiles of the process", address: ":9999" }),
  ...httpSettings("playback", { what: "playback of recordings", address: ":9996" }),
};
