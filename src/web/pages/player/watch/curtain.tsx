import type { Phase } from "./playback.ts";

/** What is shown in the place of a picture, while there is none. */
export const Curtain = ({ name, phase }: { readonly name: string; readonly phase: Phase }) => {
  if (phase.kind === "playing") return null;
  const { title, text, isBusy = false } = wordsFor(phase, name);
  return (
    <div class="curtain" role="status">
      {isBusy && <span class="spinner" aria-hidden="true" />}
      <h1>{title}</h1>
      {text !== "" && <p>{text}</p>}
    </div>
  );
};

interface Words {
  readonly title: string;
  readonly text: string;
  /** Whether something is to be expected. */
  readonly isBusy?: boolean;
}

const wordsFor = (phase: Exclude<Phase, { kind: "playing" }>, name: string): Words => {
  switch (phase.kind) {
    case "connecting":
      return { title: "Connecting …", text: "", isBusy: true };
    case "waiting":
      return phase.hasEnded
        ? { title: "The stream has ended", text: "This page goes on when it comes back.", isBusy: true }
        : {
            title: "Waiting for the stream",
            text: `Nobody publishes ${name} yet. It begins here by itself.`,
            isBusy: true,
          };
    case "unsupported":
      return {
        title: "This browser cannot play the stream",
        text: `It has no decoder for ${phase.codecs.join(", ")}.`,
      };
    case "missing":
      return { title: "There is no such stream", text: phase.reason };
    case "lost":
      return { title: "The server does not answer", text: "Trying again …", isBusy: true };
    case "forbidden":
      return { title: "", text: "" };
  }
};
