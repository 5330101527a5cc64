/* How a reader speaks FLV over HTTP (RFC 9112, chunks) or over a WebSocket (RFC 6455). */
#include "players.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
  FILE_HEADER_BYTES = 13,
  TAG_HEADER_BYTES = 11,
  TAG_TRAILER_BYTES = 4,
  HEAD_BYTES = TAG_HEADER_BYTES + VIDEO_HEAD_BYTES + STAMP_BYTES, /* of a tag that are looked at */
  MOST_FRAME_HEADER_BYTES = 10,
  FINAL_BINARY = 0x82
};

typedef struct {
  size_t matched; /* bytes of the answer's empty line that were seen last */
  bool isAnswered;
  char status[16];
  size_t statusLength;

  /* The chunk or message under way. */
  uint64_t left;
  bool isData;
  uint64_t chunkSize;
  bool hasDigits;
  uint8_t frame[MOST_FRAME_HEADER_BYTES];
  size_t frameSeen;

  /* The file header or tag under way. */
  bool hasFileHeader;
  uint8_t head[HEAD_BYTES];
  size_t seen, size; /* size 0: not known yet */
  uint64_t payloadBytes;
} Dialogue;

static bool ask(Player *player, const Options *options, const char *fields) {
  char request[512];
  int length = snprintf(request, sizeof request, "GET /%s/%s.flv HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n%s\r\n",
                        options->app, options->name, fields);
  return length < (int)sizeof request && sendWhole(player->fd, request, (size_t)length);
}

static bool beginHttp(Player *player, const Options *options) { return ask(player, options, ""); }

static bool beginSocket(Player *player, const Options *options) {
  return ask(player, options,
             "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
}

/* ---- tags ---- */

static void onTag(Player *player) {
  Dialogue *dialogue = player->dialogue;
  const uint8_t *body = dialogue->head + TAG_HEADER_BYTES;
  if (body[1] != 1) return; /* configuration, metadata */
  if (dialogue->head[0] != 8 && dialogue->head[0] != 9) return;
  noteMedia(player);
  if (dialogue->head[0] == 9) noteVideo(player, body[0] == 0x17, body + VIDEO_HEAD_BYTES);
}

/* How many of the next `taken` bytes of a tag are its payload. */
static size_t payloadIn(const Dialogue *dialogue, size_t taken) {
  size_t payloadEnd = dialogue->size - TAG_TRAILER_BYTES, end = dialogue->seen + taken;
  if (end > payloadEnd) end = payloadEnd;
  return end > dialogue->seen ? end - dialogue->seen : 0;
}

/* False when that is no FLV. */
static bool parseTags(Player *player, const uint8_t *bytes, size_t length) {
  Dialogue *dialogue = player->dialogue;
  while (length > 0) {
    size_t known = dialogue->hasFileHeader ? TAG_HEADER_BYTES : FILE_HEADER_BYTES;
    size_t end = dialogue->size == 0 ? known : dialogue->size;
    size_t taken = length < end - dialogue->seen ? length : end - dialogue->seen;
    if (dialogue->seen < HEAD_BYTES) {
      size_t room = HEAD_BYTES - dialogue->seen;
      memcpy(dialogue->head + dialogue->seen, bytes, taken < room ? taken : room);
    }
    if (dialogue->size > 0) dialogue->payloadBytes += payloadIn(dialogue, taken);
    dialogue->seen += taken;
    bytes += taken;
    length -= taken;
    if (dialogue->seen < end) return true;
    if (!dialogue->hasFileHeader) {
      if (memcmp(dialogue->head, "FLV\1", 4) != 0) return false;
      dialogue->hasFileHeader = true;
      dialogue->seen = 0;
    } else if (dialogue->size == 0) {
      dialogue->size = TAG_HEADER_BYTES + readUint(dialogue->head + 1, 3) + TAG_TRAILER_BYTES;
    } else {
      onTag(player);
      dialogue->seen = dialogue->size = 0;
    }
  }
  return true;
}

/* ---- what they travel in ---- */

/* Takes bytes of the answer's head, and tells how many; 0: it is not what was asked for. */
static size_t parseAnswer(Dialogue *dialogue, const uint8_t *bytes, size_t length, const char *status) {
  static const char emptyLine[] = "\r\n\r\n";
  for (size_t at = 0; at < length; at++) {
    if (dialogue->statusLength < 12) dialogue->status[dialogue->statusLength++] = (char)bytes[at];
    dialogue->matched = bytes[at] == emptyLine[dialogue->matched] ? dialogue->matched + 1 : bytes[at] == '\r';
    if (dialogue->matched < 4) continue;
    dialogue->isAnswered = true;
    return strncmp(dialogue->status + 9, status, 3) == 0 ? at + 1 : 0;
  }
  return length;
}

/* Takes a byte of what stands between chunks: `\r\n`, and the size of the next as a line. False at the end. */
static bool parseChunkLine(Dialogue *dialogue, uint8_t byte) {
  if (isxdigit(byte)) {
    int digit = isdigit(byte) ? byte - '0' : tolower(byte) - 'a' + 10;
    dialogue->chunkSize = dialogue->chunkSize * 16 + (uint64_t)digit;
    dialogue->hasDigits = true;
  } else if (byte == '\n' && dialogue->hasDigits) {
    if (dialogue->chunkSize == 0) return false;
    dialogue->left = dialogue->chunkSize;
    dialogue->isData = true;
    dialogue->chunkSize = 0;
    dialogue->hasDigits = false;
  }
  return true;
}

/* Takes a byte of the header of a message. */
static bool parseFrameHeader(Dialogue *dialogue, uint8_t byte) {
  dialogue->frame[dialogue->frameSeen++] = byte;
  if (dialogue->frameSeen < 2) return true;
  uint8_t kind = dialogue->frame[1] & 0x7f;
  size_t more = kind == 126 ? 2 : kind == 127 ? 8 : 0;
  if (dialogue->frameSeen < 2 + more) return true;
  dialogue->left = more == 0 ? kind : 0;
  for (size_t at = 0; at < more; at++) dialogue->left = dialogue->left * 256 + dialogue->frame[2 + at];
  dialogue->isData = dialogue->frame[0] == FINAL_BINARY;
  dialogue->frameSeen = 0;
  return true;
}

static bool parse(Player *player, const uint8_t *bytes, size_t length, const char *status,
                  bool (*between)(Dialogue *dialogue, uint8_t byte)) {
  Dialogue *dialogue = player->dialogue;
  size_t all = length;
  dialogue->payloadBytes = 0;
  while (length > 0) {
    size_t taken = 1;
    if (!dialogue->isAnswered) {
      taken = parseAnswer(dialogue, bytes, length, status);
      if (taken == 0) return false;
    } else if (dialogue->left == 0) {
      if (!between(dialogue, *bytes)) return false;
    } else {
      taken = length < dialogue->left ? length : (size_t)dialogue->left;
      dialogue->left -= taken;
      if (dialogue->isData && !parseTags(player, bytes, taken)) return false;
    }
    bytes += taken;
    length -= taken;
  }
  if (player->isProbe) noteBytes(all - dialogue->payloadBytes, dialogue->payloadBytes);
  return true;
}

static bool parseHttp(Player *player, const uint8_t *bytes, size_t length) {
  return parse(player, bytes, length, "200", parseChunkLine);
}

static bool parseSocket(Player *player, const uint8_t *bytes, size_t length) {
  return parse(player, bytes, length, "101", parseFrameHeader);
}

const Protocol httpFlvReader = {.dialogueBytes = sizeof(Dialogue), .begin = beginHttp, .parse = parseHttp};
const Protocol socketFlvReader = {.dialogueBytes = sizeof(Dialogue), .begin = beginSocket, .parse = parseSocket};
