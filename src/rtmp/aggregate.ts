import { ByteReader, share } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";
import { maxAggregateTags } from "./limits.ts";
import { Message, messageType } from "./message.ts";

const tagHeaderBytes = 11;

/**
 * Takes an aggregate message (type 22) apart. Its body is a run of FLV tags; their times count from the first tag, whose
 * time stands for that of the message. Payloads are views of the aggregate's. RTMP 1.0 section 7.1.6.
 * @throws WireError AGGREGATE when a tag reaches beyond the body, is an aggregate itself, or there are too many
 */
export const unpackAggregate = (aggregate: Message): Message[] => {
  const reader = new ByteReader(aggregate.payload);
  const messages: Message[] = [];
  let firstTime: number | undefined;
  while (reader.remaining >= tagHeaderBytes) {
    const typeId = reader.u8() & 0x1f;
    const length = reader.u24();
    const time = (reader.u24() | (reader.u8() << 24)) >>> 0;
    reader.skip(3);
    if (length > reader.remaining) {
      throw new WireError("AGGREGATE", `tag of ${length} bytes in an aggregate, ${reader.remaining} left`);
    }
    if (typeId === messageType.aggregate)
      throw new WireError("AGGREGATE", "aggregate within an aggregate, expected media");
    if (messages.length >= maxAggregateTags)
      throw new WireError("AGGREGATE", `more than ${maxAggregateTags} tags in an aggregate`);
    firstTime ??= time;
    const timestamp = (aggregate.timestamp + time - firstTime) >>> 0;
    messages.push(new Message(typeId, timestamp, aggregate.streamId, share(reader.bytes(length))));
    // The back pointer of the last tag is missing from some senders.
    reader.skip(Math.min(4, reader.remaining));
  }
  return messages;
};
