/* Bytes, AMF0 and RTMP messages, as much as a simple player and publisher need. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void append(Buffer *buffer, const void *bytes, size_t length) {
  if (buffer->length + length > buffer->capacity) {
    size_t capacity = buffer->capacity ? buffer->capacity : 512;
    while (capacity < buffer->length + length) capacity *= 2;
    buffer->bytes = realloc(buffer->bytes, capacity);
    if (!buffer->bytes) {
      fprintf(stderr, "load: out of memory\n");
      exit(1);
    }
    buffer->capacity = capacity;
  }
  if (bytes) memcpy(buffer->bytes + buffer->length, bytes, length);
  buffer->length += length;
}

void writeUint(uint8_t *to, uint64_t value, int bytes) {
  for (int at = bytes - 1; at >= 0; at--, value >>= 8) to[at] = (uint8_t)value;
}

uint32_t readUint(const uint8_t *from, int bytes) {
  uint32_t value = 0;
  for (int at = 0; at < bytes; at++) value = value << 8 | from[at];
  return value;
}

void writeSevens(uint8_t *to, uint64_t value, int bytes) {
  for (int at = bytes - 1; at >= 0; at--, value >>= 7) to[at] = (uint8_t)(0x80 | (value & 0x7f));
}

uint64_t readSevens(const uint8_t *from, int bytes) {
  uint64_t value = 0;
  for (int at = 0; at < bytes; at++) value = value << 7 | (from[at] & 0x7f);
  return value;
}

void appendUint(Buffer *buffer, uint64_t value, int bytes) {
  uint8_t encoded[8];
  writeUint(encoded, value, bytes);
  append(buffer, encoded, (size_t)bytes);
}

/* A message cut into chunks; the basic header has one byte, so the chunk stream is 2 to 63. */
void appendMessage(Buffer *buffer, MessageHead head, const Buffer *body, size_t chunkSize) {
  appendUint(buffer, (uint64_t)((head.delta ? 1 : 0) << 6 | head.chunkStream), 1);
  appendUint(buffer, head.timestamp, 3);
  appendUint(buffer, body->length, 3);
  appendUint(buffer, (uint64_t)head.type, 1);
  uint8_t stream[4] = {(uint8_t)head.messageStream, 0, 0, 0}; /* little-endian */
  if (!head.delta) append(buffer, stream, 4);
  for (size_t at = 0; at < body->length; at += chunkSize) {
    if (at > 0) appendUint(buffer, (uint64_t)(0xc0 | head.chunkStream), 1);
    size_t left = body->length - at;
    append(buffer, body->bytes + at, left < chunkSize ? left : chunkSize);
  }
}

static void amfKey(Buffer *buffer, const char *text) {
  appendUint(buffer, strlen(text), 2);
  append(buffer, text, strlen(text));
}

static void amfString(Buffer *buffer, const char *text) {
  appendUint(buffer, 2, 1);
  amfKey(buffer, text);
}

static void amfNumber(Buffer *buffer, double value) {
  uint64_t bits;
  memcpy(&bits, &value, 8);
  appendUint(buffer, 0, 1);
  appendUint(buffer, bits, 8);
}

static void amfEnd(Buffer *buffer) { appendUint(buffer, 9, 3); }

static Buffer commandOf(const char *name, double transaction) {
  Buffer body = {0};
  amfString(&body, name);
  amfNumber(&body, transaction);
  return body;
}

/* Appends the command and frees its body. */
static void appendCommand(Buffer *buffer, Buffer body, int messageStream, size_t chunkSize) {
  appendMessage(buffer, (MessageHead){.chunkStream = 3, .type = 20, .messageStream = messageStream}, &body, chunkSize);
  free(body.bytes);
}

static void appendConnect(Buffer *buffer, const Options *options, size_t chunkSize) {
  char url[256];
  snprintf(url, sizeof url, "rtmp://127.0.0.1:%d/%s", options->port, options->app);
  Buffer body = commandOf("connect", 1);
  appendUint(&body, 3, 1);
  amfKey(&body, "app");
  amfString(&body, options->app);
  amfKey(&body, "type");
  amfString(&body, "nonprivate");
  amfKey(&body, "flashVer");
  amfString(&body, "FMLE/3.0 (compatible; bench)");
  amfKey(&body, "tcUrl");
  amfString(&body, url);
  amfEnd(&body);
  appendCommand(buffer, body, 0, chunkSize);
}

/* name, transaction, null, and the stream name where there is one */
static void appendCall(Buffer *buffer, const char *name, double transaction, const char *stream) {
  Buffer body = commandOf(name, transaction);
  appendUint(&body, 5, 1);
  if (stream) amfString(&body, stream);
  appendCommand(buffer, body, 0, PUBLISHED_CHUNK_SIZE);
}

/* C0 C1 of the simple handshake, with a fixed pattern where random bytes belong. */
void appendGreeting(Buffer *buffer) {
  appendUint(buffer, 3, 1);
  appendUint(buffer, 0, 8);
  for (int at = 8; at < HANDSHAKE_BYTES; at++) appendUint(buffer, (uint64_t)(at * 37 & 0xff), 1);
}

void appendPlayCommands(Buffer *buffer, const Options *options) {
  const size_t chunkSize = 128; /* players announce none */
  append(buffer, NULL, HANDSHAKE_BYTES); /* C2: servers do not compare it */
  memset(buffer->bytes + buffer->length - HANDSHAKE_BYTES, 1, HANDSHAKE_BYTES);
  appendConnect(buffer, options, chunkSize);
  Buffer create = commandOf("createStream", 2);
  appendUint(&create, 5, 1);
  appendCommand(buffer, create, 0, chunkSize);
  Buffer play = commandOf("play", 3);
  appendUint(&play, 5, 1);
  amfString(&play, options->name);
  amfNumber(&play, -1000); /* live, as librtmp says it */
  appendCommand(buffer, play, 1, chunkSize);
}

void appendPublishCommands(Buffer *buffer, const Options *options, int number) {
  char stream[128];
  snprintf(stream, sizeof stream, "%s%d", options->name, number);
  append(buffer, NULL, HANDSHAKE_BYTES);
  memset(buffer->bytes + buffer->length - HANDSHAKE_BYTES, 1, HANDSHAKE_BYTES);
  Buffer size = {0};
  appendUint(&size, PUBLISHED_CHUNK_SIZE, 4);
  appendMessage(buffer, (MessageHead){.chunkStream = 2, .type = 1}, &size, 128);
  free(size.bytes);
  appendConnect(buffer, options, PUBLISHED_CHUNK_SIZE);
  appendCall(buffer, "releaseStream", 2, stream);
  appendCall(buffer, "FCPublish", 3, stream);
  appendCall(buffer, "createStream", 4, NULL);
  Buffer publish = commandOf("publish", 5);
  appendUint(&publish, 5, 1);
  amfString(&publish, stream);
  amfString(&publish, "live");
  appendCommand(buffer, publish, 1, PUBLISHED_CHUNK_SIZE);
}

static void appendProperty(Buffer *buffer, const char *key, double value) {
  amfKey(buffer, key);
  amfNumber(buffer, value);
}

void appendStreamHeaders(Buffer *buffer) {
  /* libx264, High profile, level 3.1, 1280x720; then AAC LC, 44100 Hz, stereo: both as FFmpeg sends them */
  static const uint8_t avc[] = {0x17, 0x00, 0x00, 0x00, 0x00, 0x01, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0x00, 0x18,
                                0x67, 0x64, 0x00, 0x1f, 0xac, 0xb2, 0x00, 0xa0, 0x0b, 0x76, 0x02, 0x20, 0x00,
                                0x00, 0x03, 0x00, 0x20, 0x00, 0x00, 0x07, 0x81, 0xe3, 0x06, 0x49, 0x01, 0x00,
                                0x05, 0x68, 0xeb, 0xcc, 0xb2, 0x2c, 0xfd, 0xf8, 0xf8, 0x00};
  static const uint8_t aac[] = {0xaf, 0x00, 0x12, 0x10};
  Buffer body = {0};
  amfString(&body, "@setDataFrame");
  amfString(&body, "onMetaData");
  appendUint(&body, 8, 1);
  appendUint(&body, 7, 4);
  appendProperty(&body, "width", 1280);
  appendProperty(&body, "height", 720);
  appendProperty(&body, "framerate", 30);
  appendProperty(&body, "videocodecid", 7);
  appendProperty(&body, "audiocodecid", 10);
  appendProperty(&body, "audiosamplerate", 44100);
  appendProperty(&body, "audiochannels", 2);
  amfEnd(&body);
  appendMessage(buffer, (MessageHead){.chunkStream = 4, .type = 18, .messageStream = 1}, &body, PUBLISHED_CHUNK_SIZE);
  body.length = 0;
  append(&body, avc, sizeof avc);
  appendMessage(buffer, (MessageHead){.chunkStream = 6, .type = 9, .messageStream = 1}, &body, PUBLISHED_CHUNK_SIZE);
  body.length = 0;
  append(&body, aac, sizeof aac);
  appendMessage(buffer, (MessageHead){.chunkStream = 4, .type = 8, .messageStream = 1}, &body, PUBLISHED_CHUNK_SIZE);
  free(body.bytes);
}
