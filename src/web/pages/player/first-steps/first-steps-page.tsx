import { useEffect, useState } from "preact/hooks";
import { pathOf, urlsOf } from "../model/address.ts";
import { type FirstSteps, ffmpegLine, type PublishAddress, publishAddress } from "../model/publishing.ts";
import { type Arrival, useArrival } from "./arrival.ts";
import { Copied } from "./copied.tsx";
import { QrCode } from "./qr-code.tsx";

const usualName = "live/test";

/** The page that belongs to no stream: how to publish the first one, and whether it arrives. */
export const FirstStepsPage = () => {
  const [steps, setSteps] = useState<FirstSteps>();
  const [typed, setTyped] = useState(usualName);
  const name = tidy(typed) || usualName;
  const arrival = useArrival(name);
  useEffect(() => {
    document.title = "First steps · rtmp-server";
    fetch("/.first-steps")
      .then(async (answer) => setSteps((await answer.json()) as FirstSteps))
      .catch(() => undefined);
  }, []);
  const address = steps && publishAddress(steps, { host: location.hostname, name });
  const urls = urlsOf(name, location);
  const page = `${location.origin}/${pathOf(name)}/${location.search}`;
  return (
    <main class="first-steps">
      <header>
        <h1>Go live</h1>
        <p>The server is running. Publish a stream, and watch it here.</p>
      </header>
      <section class="card">
        <label class="stream-name">
          Name of the stream
          <input
            type="text"
            value={typed}
            spellcheck={false}
            autocapitalize="none"
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </label>
        <ArrivalLine arrival={arrival} name={name} page={page} />
      </section>
      {steps && !address && (
        <section class="card">
          <p>
            RTMP is off in this server's configuration. Streams that come in by other ways can be watched
            here.
          </p>
        </section>
      )}
      {steps && address && <Publishing address={address} login={steps.login} />}
      <section class="card watching" aria-labelledby="watching">
        <div>
          <h2 id="watching">Watch</h2>
          <p>Point a phone at the code, or open the page of the stream:</p>
          <p>
            <a href={page}>{page}</a>
          </p>
          <Copied label="HLS" text={urls.hls} />
          <Copied label="FLV" text={urls.flv} />
        </div>
        <QrCode text={page} label="The page of the stream as a QR code" />
      </section>
    </main>
  );
};

/** As the server reads names: no slashes at the ends, none that is empty. */
const tidy = (text: string): string =>
  text
    .split("/")
    .map((segment) => segment.trim())
    .filter((segment) => segment !== "")
    .join("/");

const Publishing = ({
  address,
  login,
}: {
  readonly address: PublishAddress;
  readonly login: FirstSteps["login"];
}) => (
  <>
    <section class="card" aria-labelledby="obs">
      <h2 id="obs">Publish with OBS</h2>
      <p>Settings → Stream → Service “Custom…”, then paste:</p>
      <Copied label="Server" text={address.server} />
      <Copied label="Stream key" text={address.key} />
      {login !== "none" && (
        <p class="note">
          Publishers have to show who they are: put{" "}
          {login === "user" ? "your name and password" : "your token"} in the place of the words in capitals.
        </p>
      )}
    </section>
    <section class="card" aria-labelledby="ffmpeg">
      <h2 id="ffmpeg">… or with ffmpeg</h2>
      <Copied label="Command" text={ffmpegLine(address.url)} />
    </section>
    <section class="card watching" aria-labelledby="phone">
      <div>
        <h2 id="phone">… or from a phone</h2>
        <p>Apps such as Larix Broadcaster take this address; many read it from the code.</p>
        <Copied label="Address" text={address.url} />
      </div>
      <QrCode text={address.url} label="The address to publish to as a QR code" />
    </section>
  </>
);

const ArrivalLine = (props: { readonly arrival: Arrival; readonly name: string; readonly page: string }) => {
  const { arrival, name, page } = props;
  switch (arrival.kind) {
    case "unknown":
      return <p class="arrival">Looking for {name} …</p>;
    case "hidden":
      return <p class="arrival">Whether {name} arrives is told to those who may watch it.</p>;
    case "wrong":
      return (
        <p class="arrival wrong" role="alert">
          {arrival.reason}
        </p>
      );
    case "absent":
      return (
        <p class="arrival" role="status">
          <span class="pulse" aria-hidden="true" /> Waiting for {name} …
        </p>
      );
    case "live":
      return (
        <p class="arrival here" role="status">
          <span class="pulse" aria-hidden="true" />
          <span>
            {name} is arriving: {arrival.state.tracks.map(trackText).join(", ")}
          </span>
          <a class="button" href={page}>
            Watch it
          </a>
        </p>
      );
  }
};

const trackText = (track: { codec: string; width: number | null; height: number | null }): string =>
  track.width && track.height ? `${track.codec} ${track.width}×${track.height}` : track.codec;
