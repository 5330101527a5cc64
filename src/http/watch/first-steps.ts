import { json, type Resource } from "../resource.ts";

/** What somebody has to know to publish the first stream. */
export interface FirstSteps {
  /** Ports of RTMP and RTMPS; null for what is off. */
  readonly rtmp: number | null;
  readonly rtmps: number | null;
  /** What publishers have to show. */
  readonly login: "none" | "user" | "token";
}

/** `/.first-steps`: for the page that helps with them. Everybody who publishes knows as much. */
export const firstStepsResource = (steps: () => FirstSteps): Resource => ({
  path: "/.first-steps",
  methods: { GET: () => json(steps()) },
  isUnguarded: true,
});
