import type { DeliveryPort, PortListener } from "../../src/hooks/delivery-link.ts";
import type { ToDelivery } from "../../src/hooks/messages.ts";

/** A thread that only writes down what it is told; a test speaks for it. */
export class FakePort implements DeliveryPort {
  readonly listener: PortListener;
  readonly sent: ToDelivery[] = [];
  isTerminated = false;

  constructor(listener: PortListener) {
    this.listener = listener;
  }

  send(message: ToDelivery): void {
    this.sent.push(message);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** Ids of the events of each message, in order. */
  get batches(): string[][] {
    return this.sent.flatMap((message) =>
      message.kind === "events" ? [message.events.map(({ id }) => id)] : [],
    );
  }

  /** Ids of all events, in order. */
  get ids(): string[] {
    return this.batches.flat();
  }

  /** The kinds of messages, in order. */
  get kinds(): string[] {
    return this.sent.map(({ kind }) => kind);
  }

  /** Says that it has taken events. */
  take(count: number): void {
    this.listener.message({ kind: "taken", count });
  }

  /** Says that it has delivered everything, as soon as it is asked to. */
  sayGoodbye(isDrained = true): void {
    this.listener.message({ kind: "closed", isDrained });
  }
}

/** The threads that were started so far. */
export class FakePorts {
  readonly all: FakePort[] = [];

  readonly start = (listener: PortListener): DeliveryPort => {
    const port = new FakePort(listener);
    this.all.push(port);
    return port;
  };

  /** The last one. */
  get last(): FakePort {
    const port = this.all.at(-1);
    if (!port) throw new Error("no thread was started");
    return port;
  }
}

/** Lets what this turn of the event loop put off happen. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
