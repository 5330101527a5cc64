import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { SignIn } from "../../sign-in.tsx";
import { factsText } from "../model/facts.ts";
import { type Way, wayIn, wayNames } from "../model/way.ts";
import { Curtain } from "./curtain.tsx";
import { Playback } from "./playback.ts";

/** The page of a stream. */
export const Watch = ({ name }: { readonly name: string }) => {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const video = useRef<HTMLVideoElement>(null);
  const [playback, setPlayback] = useState<Playback>();
  const [isMuted, setMuted] = useState(true);
  useEffect(() => {
    document.title = `${name} · rtmp-server`;
    if (!video.current) return;
    const way = wayIn(location.hash);
    const made = new Playback({ video: video.current, name, way, changed: () => redraw(undefined) });
    setPlayback(made);
    return () => made.close();
  }, [name]);
  const phase = playback?.phase ?? { kind: "connecting" };
  const isPlaying = phase.kind === "playing";
  const unmute = (): void => {
    if (!video.current) return;
    video.current.muted = false;
    void video.current.play();
  };
  return (
    <main class="watch">
      <div class="stage">
        <video
          ref={video}
          autoplay
          muted
          playsinline
          controls={isPlaying}
          aria-label={`Live stream ${name}`}
          onVolumeChange={() => setMuted(video.current?.muted ?? true)}
        />
        {phase.kind === "forbidden" ? (
          <SignIn title={`Watch ${name}`} isWrong={phase.isWrong} onSignIn={(who) => playback?.signIn(who)} />
        ) : (
          <Curtain name={name} phase={phase} />
        )}
        {isPlaying && isMuted && (
          <button type="button" class="unmute" onClick={unmute}>
            <Speaker /> Unmute
          </button>
        )}
      </div>
      <footer class="bar">
        <span class={isPlaying ? "live" : "off"}>{isPlaying ? "Live" : "Off"}</span>
        <span class="name">{name}</span>
        <span class="facts">{isPlaying && playback && factsText(playback.facts)}</span>
        {playback && playback.ways.length > 0 && <Chooser playback={playback} />}
      </footer>
    </main>
  );
};

/** By which way the stream is played. */
const Chooser = ({ playback }: { readonly playback: Playback }) => {
  const { phase, ways, chosen } = playback;
  const best = phase.kind === "playing" ? `Automatic (${wayNames[phase.way]})` : "Automatic";
  const choose = (value: string): void => {
    history.replaceState(
      null,
      "",
      `${location.pathname}${location.search}${value === "" ? "" : `#${value}`}`,
    );
    playback.choose(value === "" ? undefined : (value as Way));
  };
  return (
    <select
      aria-label="How the stream is played"
      value={chosen ?? ""}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    >
      <option value="">{chosen === undefined ? best : "Automatic"}</option>
      {ways.map((way) => (
        <option key={way} value={way}>
          {wayNames[way]}
        </option>
      ))}
    </select>
  );
};

const Speaker = () => (
  <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
    <path
      fill="currentColor"
      d="M4 9v6h4l5 5V4L8 9H4zm11.3-.7a5 5 0 0 1 0 7.4l1.4 1.4a7 7 0 0 0 0-10.2l-1.4 1.4z"
    />
  </svg>
);
