/* Reads RTMP chunks as they come, keeping only the first bytes of each message. RTMP 1.0, 5.3. */
#ifndef CHUNK_PARSER_H
#define CHUNK_PARSER_H

#include "load.h"

enum { MESSAGE_HEAD_BYTES = 32, CHUNK_STREAMS = 64 };

typedef struct {
  uint32_t length;
  uint32_t filled;      /* payload bytes seen of the message under way */
  uint8_t type;
  bool extended;        /* its chunks repeat a four-byte timestamp */
  bool known;
  uint8_t head[MESSAGE_HEAD_BYTES];
} Message;

/* Called once the first two payload bytes are there, and once the message is whole. */
typedef void (*MessageHandler)(void *owner, const Message *message, bool whole);

typedef struct {
  uint32_t chunkSize;
  uint32_t chunkLeft;   /* payload bytes left of the chunk under way; 0: in a header */
  int headerLength;
  uint8_t header[18];
  uint64_t headerBytes; /* of all chunks so far */
  uint64_t payloadBytes;
  Message *current;
  Message messages[CHUNK_STREAMS];
} ChunkParser;

void startParser(ChunkParser *parser);
/* False when the peer broke the protocol, or used a chunk stream above 63 (none of the servers compared does). */
bool parseChunks(ChunkParser *parser, const uint8_t *bytes, size_t length, MessageHandler handler, void *owner);

#endif
