import { useState } from "preact/hooks";
import type { ShownStream } from "../model/live-streams.ts";
import { protocolOf } from "../model/protocols.ts";
import { hashOf } from "../model/route.ts";
import { hasPicture, readerCount, sizeText, tracksText } from "../model/stream-texts.ts";
import { matching, type Order, pageOf, sorted } from "../model/table.ts";
import { bitrateText, countText, durationText, frameRateText } from "../model/units.ts";
import { FilterField } from "../parts/filter-field.tsx";
import { kickPublisher } from "../parts/operations.ts";
import { Pager } from "../parts/pager.tsx";
import { Readers } from "../parts/readers.tsx";
import { useSession } from "../parts/session.tsx";
import { Sparkline } from "../parts/sparkline.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Thumbnail } from "../parts/thumbnail.tsx";
import { FirstSteps } from "./first-steps.tsx";

type Name = "name" | "tracks" | "bitrate" | "pictures" | "readers" | "publisher" | "uptime" | "actions";

const columns: readonly Column<Name>[] = [
  { name: "name", title: "Stream" },
  { name: "tracks", title: "Codecs" },
  { name: "bitrate", title: "Bit rate", isNumber: true },
  { name: "pictures", title: "Frames/s", isNumber: true, isMinor: true },
  { name: "readers", title: "Readers", isNumber: true },
  { name: "publisher", title: "Publisher", isMinor: true },
  { name: "uptime", title: "Uptime", isNumber: true },
  { name: "actions", title: "", isUnordered: true },
];

const values: Readonly<Record<Exclude<Name, "actions">, (stream: ShownStream) => string | number>> = {
  name: ({ name }) => name,
  tracks: tracksText,
  bitrate: ({ bitsIn }) => bitsIn,
  pictures: ({ pictures }) => pictures,
  readers: readerCount,
  publisher: ({ source }) => source?.remote ?? "",
  // The longest comes first, and what is not published last.
  uptime: ({ since }) => (since > 0 ? -since : Number.NEGATIVE_INFINITY),
};

/** Rows of one page: the page of a thousand streams is drawn as fast as one of fifty. */
const rowsOnPage = 50;

/** All streams, live. */
export const Streams = () => {
  const { feed } = useSession();
  const [typed, type] = useState("");
  const [page, turnTo] = useState(0);
  const [isIllustrated, illustrate] = useState(false);
  const [order, setOrder] = useState<Order<Name>>({ column: "name", isDescending: false });
  const { streams } = feed.streams;
  if (streams.length === 0) return <FirstSteps />;
  const found = matching(streams, searchedText, typed);
  const keyOf = order.column === "actions" ? values.name : values[order.column];
  const shown = pageOf(sorted(found, keyOf, order.isDescending), { page, size: rowsOnPage });
  return (
    <section aria-label="Streams">
      <div class="bar">
        <h1>Streams</h1>
        <span class="count">
          {found.length === streams.length
            ? countText(streams.length, "stream")
            : `${found.length} of ${countText(streams.length, "stream")}`}
        </span>
        <button type="button" aria-pressed={isIllustrated} onClick={() => illustrate(!isIllustrated)}>
          Pictures
        </button>
        <FilterField label="Filter streams" value={typed} onInput={type} />
      </div>
      <Table
        label="Streams"
        columns={columns}
        order={order}
        onOrder={setOrder}
        count={shown.rows.length}
        empty="No stream holds these words."
      >
        {shown.rows.map((stream) => (
          <Row key={stream.id} stream={stream} isIllustrated={isIllustrated} />
        ))}
      </Table>
      <Pager page={shown.page} pages={shown.pages} onPage={turnTo} />
    </section>
  );
};

const searchedText = (stream: ShownStream): string =>
  `${stream.name} ${stream.source?.remote ?? ""} ${tracksText(stream)}`;

const Row = (props: { readonly stream: ShownStream; readonly isIllustrated: boolean }) => {
  const { stream, isIllustrated } = props;
  const session = useSession();
  const { name, source, since, bitsIn, pictures, history, isRecording } = stream;
  return (
    <tr>
      <th scope="row" class={isIllustrated ? "name illustrated" : "name"}>
        {isIllustrated && hasPicture(stream) && <Thumbnail name={name} width={160} />}
        <a class="name-link" href={hashOf("streams", name)} title={name}>
          {name}
        </a>
        {isRecording && (
          <span class="badge recording" title="is being recorded">
            rec
          </span>
        )}
      </th>
      <td title={tracksText(stream)}>
        {source ? (
          <>
            {tracksText(stream)} <span class="faint">{sizeText(stream)}</span>
          </>
        ) : (
          <span class="faint">waiting for a publisher</span>
        )}
      </td>
      <td class="number rate">
        <Sparkline values={history.bitsIn} />
        <span>{bitrateText(bitsIn)}</span>
      </td>
      <td class="number rate minor short">
        <Sparkline values={history.pictures} />
        <span>{frameRateText(pictures)}</span>
      </td>
      <td class="number">
        <Readers readers={stream.readers} />
      </td>
      <td class="minor">
        {source && (
          <>
            {protocolOf(source.type)} <span class="faint">{source.remote}</span>
          </>
        )}
      </td>
      <td class="number">
        {since > 0 ? durationText(session.feed.streams.serverTime(Date.now()) - since) : "–"}
      </td>
      <td class="actions">
        {source && (
          <button
            type="button"
            class="small"
            aria-label={`Kick the publisher of ${name}`}
            onClick={() => kickPublisher(session, name)}
          >
            Kick
          </button>
        )}
      </td>
    </tr>
  );
};
