import { useState } from "preact/hooks";
import { isEmbeddable, playerUrl } from "../model/addresses.ts";
import type { ShownStream } from "../model/live-streams.ts";
import { protocolOf } from "../model/protocols.ts";
import { hashOf } from "../model/route.ts";
import { hasPicture, trackText } from "../model/stream-texts.ts";
import { bitrateText, durationText, frameRateText } from "../model/units.ts";
import { kickPublisher, switchRecording } from "../parts/operations.ts";
import { Plot } from "../parts/plot.tsx";
import { Readers } from "../parts/readers.tsx";
import { useSession } from "../parts/session.tsx";
import { Thumbnail } from "../parts/thumbnail.tsx";
import { StreamReaders } from "./stream-readers.tsx";
import { StreamTargets } from "./stream-targets.tsx";

/** One stream: its picture, what is known of it, who reads it and where it goes. */
export const Stream = ({ name }: { readonly name: string }) => {
  const session = useSession();
  const stream = session.feed.streams.find(name);
  return (
    <section aria-label={name}>
      <div class="bar">
        <h1 class="stream-name">
          <a href={hashOf("streams")}>Streams</a> <span class="faint">/</span> {name}
        </h1>
        {stream?.source && <Operations stream={stream} />}
      </div>
      {stream ? <Details stream={stream} /> : <p class="faint">Nobody publishes or reads this stream now.</p>}
      <p>
        <a href={hashOf("recordings", name)}>Recordings of this stream</a>
      </p>
    </section>
  );
};

const Operations = ({ stream: { name, isRecording } }: { readonly stream: ShownStream }) => {
  const session = useSession();
  const player = playerUrl(location.hostname, session.ports, name);
  return (
    <div class="operations">
      {isRecording && <span class="badge recording">rec</span>}
      <button type="button" onClick={() => void switchRecording(session, name, !isRecording)}>
        {isRecording ? "Stop recording" : "Start recording"}
      </button>
      {player !== undefined && (
        <a class="button" href={player} target="_blank" rel="noreferrer">
          Open player
        </a>
      )}
      <button type="button" onClick={() => kickPublisher(session, name)}>
        Kick publisher
      </button>
    </div>
  );
};

const Details = ({ stream }: { readonly stream: ShownStream }) => {
  const { feed } = useSession();
  const { name, history } = stream;
  const until = feed.streams.serverTime(Date.now());
  return (
    <>
      <div class="stream-top">
        <Screen stream={stream} />
        <Facts stream={stream} />
      </div>
      <div class="plots">
        <Plot
          title="Bit rate"
          textOf={bitrateText}
          until={until}
          series={[
            { label: "in", values: history.bitsIn, color: "accent" },
            { label: "out", values: history.bitsOut, color: "good" },
          ]}
        />
        <Plot
          title="Frame rate"
          textOf={frameRateText}
          until={until}
          series={[{ label: "frames/s", values: history.pictures, color: "accent" }]}
        />
      </div>
      <StreamReaders name={name} />
      <StreamTargets name={name} />
    </>
  );
};

/** A still picture, and in its place the player once somebody wants it. */
const Screen = ({ stream }: { readonly stream: ShownStream }) => {
  const { name, isReady } = stream;
  const { ports } = useSession();
  const [isPlaying, play] = useState(false);
  const player = playerUrl(location.hostname, ports, name);
  const isEmbedded = isEmbeddable(location.protocol, ports.hls);
  if (isPlaying && player !== undefined)
    return (
      <iframe
        class="screen"
        title={`Player of ${name}`}
        src={player}
        allow="autoplay; fullscreen; picture-in-picture"
        referrerpolicy="no-referrer"
      />
    );
  return (
    <div class="screen">
      {hasPicture(stream) && <Thumbnail name={name} width={640} />}
      {isReady && isEmbedded && (
        <button type="button" class="primary play" onClick={() => play(true)}>
          ▶ Play
        </button>
      )}
    </div>
  );
};

const Facts = ({ stream }: { readonly stream: ShownStream }) => {
  const { feed } = useSession();
  const { source, since, tracks, readers, confName } = stream;
  return (
    <dl class="facts">
      <dt>Publisher</dt>
      <dd>{source ? `${protocolOf(source.type)} ${source.remote}` : "nobody yet"}</dd>
      <dt>Uptime</dt>
      <dd>{since > 0 ? durationText(feed.streams.serverTime(Date.now()) - since) : "–"}</dd>
      {tracks.map((track) => (
        <>
          <dt>{track.kind === "video" ? "Video" : "Audio"}</dt>
          <dd>{trackText(track)}</dd>
        </>
      ))}
      <dt>Readers</dt>
      <dd>
        <Readers readers={readers} />
      </dd>
      <dt>Configured as</dt>
      <dd>{confName}</dd>
    </dl>
  );
};
