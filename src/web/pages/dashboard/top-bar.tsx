import { hashOf, type Route, type Section, sections } from "./model/route.ts";
import { bitrateText, bytesText } from "./model/units.ts";
import { useSession } from "./parts/session.tsx";

const titles: Readonly<Record<Section, string>> = {
  streams: "Streams",
  connections: "Connections",
  recordings: "Recordings",
  hooks: "Hooks",
  relays: "Relays",
  alerts: "Alerts",
  configuration: "Configuration",
};

/** Where to go, and how the server does. */
export const TopBar = (props: { readonly route: Route; readonly onSignOut: (() => void) | undefined }) => {
  const { route, onSignOut } = props;
  return (
    <header class="top">
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <nav aria-label="Parts of this page">
        {sections.map((section) => (
          <a
            class="tab"
            key={section}
            href={hashOf(section)}
            aria-current={section === route.section ? "page" : undefined}
          >
            {titles[section]}
          </a>
        ))}
      </nav>
      <Health />
      {onSignOut && (
        <button type="button" class="link" onClick={onSignOut}>
          Sign out
        </button>
      )}
    </header>
  );
};

/** The address's hash says which part is shown, so that no link can lead there. */
const skip = (): void => document.getElementById("content")?.focus();

const Health = () => {
  const { feed } = useSession();
  const { load, total, streams } = feed.streams;
  const published = streams.filter(({ source }) => source).length;
  const isLive = feed.state === "live";
  return (
    <div class="health">
      <span class="fact">
        <b>{published}</b> live
      </span>
      <span class="fact">
        <b>{load?.connections ?? 0}</b> connected
      </span>
      <span class="fact">
        in <b>{bitrateText(total.bitsIn.at(-1) ?? 0)}</b>
      </span>
      <span class="fact">
        out <b>{bitrateText(total.bitsOut.at(-1) ?? 0)}</b>
      </span>
      <span class="fact minor">
        CPU <b>{Math.round(load?.cpuPercent ?? 0)} %</b>
      </span>
      <span class="fact minor">
        <b>{bytesText(load?.memoryBytes ?? 0)}</b>
      </span>
      <span class={isLive ? "state live" : "state lost"} role="status">
        {isLive ? "live" : "connection lost"}
      </span>
    </div>
  );
};
