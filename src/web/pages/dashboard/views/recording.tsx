import { useState } from "preact/hooks";
import { isEmbeddable, pathOf, playbackOrigin } from "../model/addresses.ts";
import type { ListPage, Playable } from "../model/objects.ts";
import { hashOf } from "../model/route.ts";
import { countText, durationText, momentText } from "../model/units.ts";
import { switchRecording } from "../parts/operations.ts";
import { Pager } from "../parts/pager.tsx";
import { usePoll, useSession } from "../parts/session.tsx";
import { type Column, Table } from "../parts/table.tsx";

type Name = "start" | "duration" | "actions";

const columns: readonly Column<Name>[] = [
  { name: "start", title: "Begins" },
  { name: "duration", title: "Lasts", isNumber: true },
  { name: "actions", title: "" },
];

/** What was recorded of a stream, to be played and kept. */
export const StreamRecordings = ({ name }: { readonly name: string }) => {
  const session = useSession();
  const { api, ports, feed } = session;
  const [page, turnTo] = useState(0);
  const [played, play] = useState<Playable>();
  const url = `/v3/recordings/playable/${pathOf(name)}?itemsPerPage=25&page=${page}`;
  const { answer, error } = usePoll(url, (signal) => api.find<ListPage<Playable>>(url, signal), 3_000);
  const origin = playbackOrigin(location.hostname, ports);
  const isPlayable = isEmbeddable(location.protocol, ports.playback);
  const stream = feed.streams.find(name);
  return (
    <section aria-label={`Recordings of ${name}`}>
      <div class="bar">
        <h1 class="stream-name">
          <a href={hashOf("recordings")}>Recordings</a> <span class="faint">/</span> {name}
        </h1>
        <span class="count">{answer && countText(answer.itemCount, "recording")}</span>
        {stream?.source && (
          <div class="operations">
            {stream.isRecording && <span class="badge recording">rec</span>}
            <button type="button" onClick={() => void switchRecording(session, name, !stream.isRecording)}>
              {stream.isRecording ? "Stop recording" : "Start recording"}
            </button>
          </div>
        )}
      </div>
      {error !== undefined && <p class="error">{error}</p>}
      {origin === undefined && (
        <p class="hint">
          The playback server is off, so that nothing can be played here: <code>playback: yes</code> in the
          configuration turns it on.
        </p>
      )}
      {origin !== undefined && !isPlayable && (
        <p class="hint">
          This page came by HTTPS, and recordings come by HTTP, which browsers do not play in it:{" "}
          <code>playbackEncryption: yes</code> has them come by HTTPS, too.
        </p>
      )}
      {played && origin !== undefined && <Video origin={origin} playable={played} />}
      <Table
        label={`Recordings of ${name}`}
        columns={columns}
        count={answer?.items.length ?? 0}
        empty={answer ? "Nothing was recorded of this stream." : "…"}
      >
        {answer?.items.map((playable) => (
          <tr key={playable.start} class={playable.start === played?.start ? "chosen" : undefined}>
            <th scope="row">{momentText(playable.start)}</th>
            <td class="number">{durationText(playable.duration * 1_000)}</td>
            <td class="actions">
              {origin !== undefined && (
                <>
                  <button
                    type="button"
                    class="small"
                    disabled={!isPlayable}
                    aria-label={`Play the recording of ${momentText(playable.start)}`}
                    onClick={() => play(playable)}
                  >
                    ▶ Play
                  </button>
                  <a
                    class="button small"
                    href={`${origin}${playable.location}&format=mp4&download=1`}
                    aria-label={`Download the recording of ${momentText(playable.start)}`}
                  >
                    Download
                  </a>
                </>
              )}
            </td>
          </tr>
        ))}
      </Table>
      <Pager page={page} pages={answer?.pageCount ?? 0} onPage={turnTo} />
    </section>
  );
};

const Video = ({ origin, playable }: { readonly origin: string; readonly playable: Playable }) => {
  const { say } = useSession();
  return (
    // biome-ignore lint/a11y/useMediaCaption: what was recorded has no captions
    <video
      class="recording"
      key={playable.start}
      src={`${origin}${playable.location}&format=mp4`}
      controls
      autoplay
      onError={() => say("The browser cannot play this recording: it may not know its codec.", true)}
    />
  );
};
