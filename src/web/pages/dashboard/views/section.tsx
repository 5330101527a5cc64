import type { Route } from "../model/route.ts";
import { Alerts } from "./alerts.tsx";
import { Connections } from "./connections.tsx";
import { Streams } from "./streams.tsx";

/** The part of the page that its address names. */
export const Section = ({ route }: { readonly route: Route }) => {
  switch (route.section) {
    case "streams":
      return <Streams key={route.name} found={route.name} />;
    case "connections":
      return <Connections />;
    case "alerts":
      return <Alerts />;
  }
};
