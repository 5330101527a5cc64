import { broadcast, NumberedPlayer, NumberedPublisher } from "./numbered.ts";

/** Streams `live/s0`, `live/s1` and so on, with a publisher and some players each: none may lose anything. */
export class Crowd implements Disposable {
  readonly publishers: readonly NumberedPublisher[];
  readonly players: readonly NumberedPlayer[];
  readonly #broadcast: Disposable;

  private constructor(publishers: readonly NumberedPublisher[], players: readonly NumberedPlayer[]) {
    this.publishers = publishers;
    this.players = players;
    this.#broadcast = broadcast(publishers);
  }

  /** Connects everybody; the first frame is sent when all are there. `url` gives that of a stream. */
  static async gather(
    url: (path: string) => string,
    { streams, playersEach }: { streams: number; playersEach: number },
  ): Promise<Crowd> {
    const urls = Array.from({ length: streams }, (_, index) => url(`live/s${index}`));
    const publishers = await Promise.all(urls.map((each) => NumberedPublisher.connect(each)));
    const players = urls.flatMap((each) =>
      Array.from({ length: playersEach }, () => new NumberedPlayer(each)),
    );
    await Promise.all(players.map(({ started }) => started));
    return new Crowd(publishers, players);
  }

  /** Frames sent so far, by all publishers. */
  get sent(): number {
    return this.publishers.reduce((sum, { count }) => sum + count, 0);
  }

  /** Sends no more, waits until everything has come, and gives a sentence for each connection or frame that was lost. */
  async settle(): Promise<string[]> {
    this.#broadcast[Symbol.dispose]();
    const faults = this.publishers.flatMap(({ isOver }, index) =>
      isOver ? [`publisher ${index} is gone`] : [],
    );
    const each = this.players.length / this.publishers.length;
    const ofPlayers = this.players.map((player, index) => {
      const count = this.publishers[Math.floor(index / each)]?.count ?? 0;
      return faultsOf(player, count).then((list) => list.map((fault) => `player ${index} ${fault}`));
    });
    faults.push(...(await Promise.all(ofPlayers)).flat());
    return faults;
  }

  [Symbol.dispose](): void {
    this.#broadcast[Symbol.dispose]();
    for (const player of this.players) player[Symbol.dispose]();
    for (const publisher of this.publishers) publisher[Symbol.dispose]();
  }
}

/** What a player that was there from the start has not got of `count` frames. */
const faultsOf = async (player: NumberedPlayer, count: number): Promise<string[]> => {
  if (player.isOver) return [`is gone: ${await player.ended}`];
  const faults: string[] = [];
  await player.reaches(count - 1).catch((error: unknown) => faults.push(`waits in vain: ${error}`));
  const { numbers } = player;
  if (numbers[0] !== 0 || numbers.length !== count)
    faults.push(`has ${numbers.length} frames from ${numbers[0]} on, expected ${count} from 0 on`);
  return [...faults, ...player.faults];
};
