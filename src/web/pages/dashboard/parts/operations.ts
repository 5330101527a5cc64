import { pathOf } from "../model/addresses.ts";
import { listOf } from "../model/protocols.ts";
import type { Session } from "./session.tsx";

/** Disconnects the publisher of a stream, after a question. */
export const kickPublisher = ({ api, confirm }: Session, name: string): void =>
  confirm({
    title: "Kick the publisher?",
    text: `Whoever publishes ${name} is disconnected. Most encoders come back by themselves.`,
    verb: "Kick",
    run: () => api.post(`/v3/paths/kick/${pathOf(name)}`),
    done: `The publisher of ${name} was disconnected.`,
  });

/** Disconnects a client, after a question. `type` is one that can be. */
export const kickConnection = (
  { api, confirm }: Session,
  client: { readonly type: string; readonly id: string; readonly who: string; readonly onDone?: () => void },
): void => {
  const { type, id, who, onDone } = client;
  confirm({
    title: "Kick this connection?",
    text: `${who} is disconnected, and may come back.`,
    verb: "Kick",
    run: async () => {
      await api.post(`/v3/${listOf(type)}/kick/${encodeURIComponent(id)}`);
      onDone?.();
    },
    done: `${who} was disconnected.`,
  });
};

/** Begins or ends the recording of a stream at once. */
export const switchRecording = async ({ api, say }: Session, name: string, isOn: boolean): Promise<void> => {
  try {
    await api.post(`/v3/paths/record/${isOn ? "start" : "stop"}/${pathOf(name)}`);
    say(isOn ? `${name} is being recorded.` : `The recording of ${name} has ended.`);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), true);
  }
};
