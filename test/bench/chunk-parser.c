/*
 *  basic header 1     message header 11, 7, 3 or 0      extended timestamp 0 or 4     payload
 *  | fmt 2 | csid 6 | timestamp 3 | length 3 | type 1 | stream 4 | when timestamp is 0xFFFFFF | up to chunk size |
 */
#include "chunk-parser.h"

#include <string.h>

static const int messageHeaderBytes[4] = {11, 7, 3, 0};

void startParser(ChunkParser *parser) {
  memset(parser, 0, sizeof *parser);
  parser->chunkSize = 128;
}

/* How long the header is, as far as the bytes so far can tell. */
static int headerNeeds(const ChunkParser *parser) {
  if (parser->headerLength == 0) return 1;
  int format = parser->header[0] >> 6;
  int needs = 1 + messageHeaderBytes[format];
  if (format == 3) return needs + (parser->messages[parser->header[0] & 63].extended ? 4 : 0);
  if (parser->headerLength < needs) return needs;
  return needs + (readUint(parser->header + 1, 3) == 0xffffff ? 4 : 0);
}

static void finishMessage(ChunkParser *parser, MessageHandler handler, void *owner) {
  Message *message = parser->current;
  if (message->type == 1 && message->length == 4) parser->chunkSize = readUint(message->head, 4) & 0x7fffffff;
  handler(owner, message, true);
  message->filled = 0;
}

static bool finishHeader(ChunkParser *parser, MessageHandler handler, void *owner) {
  int format = parser->header[0] >> 6;
  int chunkStream = parser->header[0] & 63;
  if (chunkStream < 2) return false;
  Message *message = &parser->messages[chunkStream];
  if (!message->known && format > 1) return false;
  if (format != 3 && message->filled > 0) return false; /* a new message inside another one */
  if (format < 3) message->extended = readUint(parser->header + 1, 3) == 0xffffff;
  if (format < 2) {
    message->length = readUint(parser->header + 4, 3);
    message->type = parser->header[7];
  }
  message->known = true;
  parser->current = message;
  parser->headerBytes += (uint64_t)parser->headerLength;
  parser->headerLength = 0;
  uint32_t left = message->length - message->filled;
  parser->chunkLeft = left < parser->chunkSize ? left : parser->chunkSize;
  if (left == 0) finishMessage(parser, handler, owner);
  return parser->chunkSize > 0;
}

static size_t takePayload(ChunkParser *parser, const uint8_t *bytes, size_t length, MessageHandler handler, void *owner) {
  Message *message = parser->current;
  uint32_t take = length < parser->chunkLeft ? (uint32_t)length : parser->chunkLeft;
  uint32_t before = message->filled;
  if (before < MESSAGE_HEAD_BYTES) {
    uint32_t room = MESSAGE_HEAD_BYTES - before;
    memcpy(message->head + before, bytes, take < room ? take : room);
  }
  message->filled += take;
  parser->chunkLeft -= take;
  parser->payloadBytes += take;
  if (before < 2 && message->filled >= 2) handler(owner, message, false);
  if (message->filled == message->length) finishMessage(parser, handler, owner);
  return take;
}

bool parseChunks(ChunkParser *parser, const uint8_t *bytes, size_t length, MessageHandler handler, void *owner) {
  size_t at = 0;
  while (at < length) {
    if (parser->chunkLeft > 0) {
      at += takePayload(parser, bytes + at, length - at, handler, owner);
      continue;
    }
    parser->header[parser->headerLength++] = bytes[at++];
    if (parser->headerLength == headerNeeds(parser) && !finishHeader(parser, handler, owner)) return false;
  }
  return true;
}
