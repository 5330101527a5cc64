import type { Route } from "../model/route.ts";
import { Alerts } from "./alerts.tsx";
import { Configuration } from "./configuration.tsx";
import { Connections } from "./connections.tsx";
import { Hooks } from "./hooks.tsx";
import { StreamRecordings } from "./recording.tsx";
import { Recordings } from "./recordings.tsx";
import { Relays } from "./relays.tsx";
import { Stream } from "./stream.tsx";
import { Streams } from "./streams.tsx";

/** The part of the page that its address names. */
export const Section = ({ route: { section, name } }: { readonly route: Route }) => {
  switch (section) {
    case "streams":
      return name === "" ? <Streams /> : <Stream key={name} name={name} />;
    case "connections":
      return <Connections />;
    case "recordings":
      return name === "" ? <Recordings /> : <StreamRecordings key={name} name={name} />;
    case "hooks":
      return <Hooks />;
    case "relays":
      return <Relays />;
    case "alerts":
      return <Alerts />;
    case "configuration":
      return <Configuration />;
  }
};
