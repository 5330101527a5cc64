import { firstStepsUrl, publishUrl } from "../model/addresses.ts";
import { useSession } from "../parts/session.tsx";

/** What is shown while there is no stream: how to publish the first one. */
export const FirstSteps = () => {
  const { ports } = useSession();
  const host = location.hostname;
  const server = publishUrl(host, ports, "live");
  const more = firstStepsUrl(host, ports);
  return (
    <section class="first-steps" aria-labelledby="first-steps">
      <h1 id="first-steps">No stream yet</h1>
      {server === undefined ? (
        <p>RTMP is off. Streams that come in by other ways show up here.</p>
      ) : (
        <>
          <p>In OBS, under Settings → Stream, choose the service “Custom…”, and type in:</p>
          <Copied label="Server" text={server} />
          <Copied label="Stream key" text="test" />
          <p>Or, with ffmpeg:</p>
          <Copied label="Command" text={`ffmpeg -re -i video.mp4 -c copy -f flv ${server}/test`} />
        </>
      )}
      <p>
        It shows up here as soon as it arrives.{" "}
        {more !== undefined && (
          <a href={more} target="_blank" rel="noreferrer">
            More ways, and a QR code for phones
          </a>
        )}
      </p>
    </section>
  );
};

const Copied = ({ label, text }: { readonly label: string; readonly text: string }) => {
  const { say } = useSession();
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => say(`${label} was copied.`),
      () => say("The browser does not let this page copy.", true),
    );
  };
  return (
    <div class="copied">
      <span class="label">{label}</span>
      <code>{text}</code>
      {/* Browsers let pages copy only where they came by HTTPS, or from this machine. */}
      {window.isSecureContext && (
        <button type="button" class="small" aria-label={`Copy ${label}`} onClick={copy}>
          Copy
        </button>
      )}
    </div>
  );
};
