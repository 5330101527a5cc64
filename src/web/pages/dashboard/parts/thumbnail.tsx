import { useEffect, useState } from "preact/hooks";
import { pathOf } from "../model/addresses.ts";
import { useSession } from "./session.tsx";

/** A picture is made by a program of the server for each of them: so they are asked for seldom, in milliseconds. */
const refreshMs = 10_000;

/** The newest picture of a stream. An image cannot prove who asks for it, so it is fetched, and shown from memory. */
export const Thumbnail = ({ name, width }: { readonly name: string; readonly width: number }) => {
  const { api } = useSession();
  const [url, show] = useState<string>();
  useEffect(() => {
    const end = new AbortController();
    let shown: string | undefined;
    const refresh = async (): Promise<void> => {
      try {
        if (!document.hidden) {
          const picture = await api.picture(`/v3/paths/thumbnail/${pathOf(name)}?width=${width}`, end.signal);
          if (end.signal.aborted) return;
          if (shown !== undefined) URL.revokeObjectURL(shown);
          shown = URL.createObjectURL(picture);
          show(shown);
        }
      } catch {
        // There is none: of sound alone, before the first key frame, or without FFmpeg.
        if (!end.signal.aborted && shown === undefined) show(undefined);
      }
      if (!end.signal.aborted) timer = setTimeout(refresh, refreshMs);
    };
    let timer = setTimeout(refresh, 0);
    return () => {
      end.abort();
      clearTimeout(timer);
      if (shown !== undefined) URL.revokeObjectURL(shown);
      show(undefined);
    };
  }, [api, name, width]);
  return url === undefined ? (
    <span class="thumbnail none" aria-hidden="true" />
  ) : (
    <img class="thumbnail" src={url} alt="" />
  );
};
