import { httpSettings } from "./http-settings.ts";

/** What is for administrators, and for looking at recordings. */
export const adminSettings = {
  ...httpSettings("api", { what: "the control API", address: ":9997" }),
  ...httpSettings("metrics", { what: "metrics for Prometheus", address: ":9998" }),
  ...httpSettings("pprof", { what: "profiles of the process", address: ":9999" }),
  ...httpSettings("playback", { what: "recordings", address: ":9996" }),
};
