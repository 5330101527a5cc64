/*
 * How a player speaks RTSP 1.0, media interleaved on the connection. RFC 2326. It asks for what the description names,
 * one request after the other: DESCRIBE, SETUP of each track, PLAY. From then on it reads packets behind a dollar sign
 * (10.12), and looks that they are RTP as it should be: version 2, numbers without a gap. H.264 is RFC 6184, AAC
 * RFC 3640 with sizes of two bytes.
 */
#include "players.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  ANSWER_ROOM = 4096,
  URL_ROOM = 256,
  MOST_TRACKS = 2,
  PREFIX_BYTES = 4,
  RTP_HEADER_BYTES = 12,
  HEAD_BYTES = PREFIX_BYTES + RTP_HEADER_BYTES + 2 + STAMP_BYTES, /* up to the stamp behind the headers of a fragment */
  TAG_VIDEO_BYTES = 9, /* what RTMP has in front of a NAL unit: tag header 5, NAL length 4 */
  TAG_AUDIO_BYTES = 2
};

typedef struct {
  char control[URL_ROOM];
  bool isVideo;
  bool hasSequence;
  uint16_t sequence; /* of the last packet */
} Track;

typedef struct {
  char answer[ANSWER_ROOM]; /* of the request under way, as much as has come */
  size_t answerLength;
  int answered;             /* requests: DESCRIBE, a SETUP for each track, PLAY */
  char base[URL_ROOM], session[64];
  Track tracks[MOST_TRACKS];
  int trackCount;
  bool isPlaying;

  uint8_t head[HEAD_BYTES]; /* of the packet under way */
  size_t seen, size;        /* its bytes so far, and all of them, the prefix included; size 0: not known yet */
  uint64_t headerBytes, payloadBytes;

  bool isKey;               /* the frame under way */
  bool hasStamp;
  uint8_t stamp[STAMP_BYTES];
} Dialogue;

/* ---- requests and answers ---- */

static bool ask(Player *player, const char *method, const char *url, const char *fields) {
  Dialogue *dialogue = player->dialogue;
  char request[2 * URL_ROOM + 256];
  int length = snprintf(request, sizeof request, "%s %s RTSP/1.0\r\nCSeq: %d\r\nUser-Agent: bench\r\n%s%s%s%s\r\n",
                        method, url, dialogue->answered + 1, dialogue->session[0] ? "Session: " : "", dialogue->session,
                        dialogue->session[0] ? "\r\n" : "", fields);
  return length < (int)sizeof request && sendWhole(player->fd, request, (size_t)length);
}

static bool begin(Player *player, const Options *options) {
  Dialogue *dialogue = player->dialogue;
  snprintf(dialogue->base, sizeof dialogue->base, "rtsp://127.0.0.1:%d/%s/%s", options->port, options->app, options->name);
  return ask(player, "DESCRIBE", dialogue->base, "Accept: application/sdp\r\n");
}

/* Copies what follows `key` in `text`, up to the end of the line or one of `ends`. */
static bool copyValue(const char *text, const char *key, const char *ends, char *to, size_t room) {
  const char *from = strcasestr(text, key);
  if (!from) return false;
  from += strlen(key);
  from += strspn(from, " ");
  size_t length = strcspn(from, ends);
  if (length == 0 || length >= room) return false;
  memcpy(to, from, length);
  to[length] = 0;
  return true;
}

static bool readDescription(Dialogue *dialogue, const char *text) {
  copyValue(text, "\nContent-Base:", "\r\n", dialogue->base, sizeof dialogue->base);
  for (const char *at = strstr(text, "\nm="); at; at = strstr(at + 1, "\nm=")) {
    if (dialogue->trackCount == MOST_TRACKS) return false;
    Track *track = &dialogue->tracks[dialogue->trackCount++];
    track->isVideo = strncmp(at, "\nm=video", 8) == 0;
    if (!copyValue(at, "\na=control:", "\r\n", track->control, sizeof track->control)) return false;
  }
  return dialogue->trackCount > 0;
}

/* A control is absolute, or stands behind the base. */
static bool setUp(Player *player, int number) {
  Dialogue *dialogue = player->dialogue;
  const char *control = dialogue->tracks[number].control, *base = dialogue->base;
  bool isWhole = strncmp(control, "rtsp://", 7) == 0, hasSlash = base[strlen(base) - 1] == '/';
  char url[2 * URL_ROOM], transport[96];
  snprintf(url, sizeof url, "%s%s%s", isWhole ? "" : base, isWhole || hasSlash ? "" : "/", control);
  snprintf(transport, sizeof transport, "Transport: RTP/AVP/TCP;unicast;interleaved=%d-%d\r\n", 2 * number, 2 * number + 1);
  return ask(player, "SETUP", url, transport);
}

static bool onAnswer(Player *player, const char *text) {
  Dialogue *dialogue = player->dialogue;
  if (strncmp(text, "RTSP/1.0 200", 12) != 0) return false;
  int step = dialogue->answered++;
  if (step == 0 && !readDescription(dialogue, text)) return false;
  if (step == 1 && !copyValue(text, "\nSession:", ";\r\n", dialogue->session, sizeof dialogue->session)) return false;
  if (step < dialogue->trackCount) return setUp(player, step);
  if (step == dialogue->trackCount) return ask(player, "PLAY", dialogue->base, "Range: npt=0-\r\n");
  dialogue->isPlaying = true;
  return true;
}

/* Takes bytes of an answer, and tells how many; 0: the server broke the protocol. */
static size_t parseAnswer(Player *player, const uint8_t *bytes, size_t length) {
  Dialogue *dialogue = player->dialogue;
  size_t before = dialogue->answerLength, room = sizeof dialogue->answer - 1 - before;
  size_t taken = length < room ? length : room;
  memcpy(dialogue->answer + before, bytes, taken);
  dialogue->answerLength += taken;
  dialogue->answer[dialogue->answerLength] = 0;
  char *end = strstr(dialogue->answer, "\r\n\r\n");
  if (!end) return taken;
  char body[16] = "0";
  copyValue(dialogue->answer, "\nContent-Length:", "\r\n", body, sizeof body);
  size_t whole = (size_t)(end + 4 - dialogue->answer) + strtoul(body, NULL, 10);
  if (dialogue->answerLength < whole) return taken;
  dialogue->answer[whole] = 0;
  dialogue->answerLength = 0;
  return onAnswer(player, dialogue->answer) ? whole - before : 0;
}

/* ---- packets ---- */

static void onVideo(Player *player, const uint8_t *payload, size_t size, bool marker) {
  Dialogue *dialogue = player->dialogue;
  uint8_t type = payload[0] & 0x1f;
  bool isFragment = type == 28, isFirst = !isFragment || payload[1] & 0x80;
  size_t headers = isFragment ? 2 : 1;
  if (isFragment) type = payload[1] & 0x1f;
  if (type != 1 && type != 5) return; /* parameter sets, which RTMP has in its sequence header */
  dialogue->payloadBytes += size - headers + (isFirst ? TAG_VIDEO_BYTES + 1 : 0);
  if (isFirst) {
    noteMedia(player);
    dialogue->isKey = type == 5;
    dialogue->hasStamp = size >= headers + STAMP_BYTES;
    if (dialogue->hasStamp) memcpy(dialogue->stamp, payload + headers, STAMP_BYTES);
  }
  if (!marker || !dialogue->hasStamp) return;
  dialogue->hasStamp = false;
  noteVideo(player, dialogue->isKey, dialogue->stamp);
}

/* A packet is whole, of which `head` has the beginning. */
static bool onPacket(Player *player) {
  Dialogue *dialogue = player->dialogue;
  const uint8_t *rtp = dialogue->head + PREFIX_BYTES;
  int channel = dialogue->head[1];
  if (channel >= 2 * dialogue->trackCount || rtp[0] >> 6 != 2) return false;
  uint64_t payloadBefore = dialogue->payloadBytes;
  if (channel % 2 == 0) {
    size_t size = dialogue->size - PREFIX_BYTES - RTP_HEADER_BYTES;
    if (rtp[0] != 0x80 || dialogue->size < PREFIX_BYTES + RTP_HEADER_BYTES + 2) return false;
    Track *track = &dialogue->tracks[channel / 2];
    uint16_t sequence = (uint16_t)readUint(rtp + 2, 2);
    if (track->hasSequence) notePacketsLost((uint16_t)(sequence - track->sequence - 1));
    track->sequence = sequence;
    track->hasSequence = true;
    const uint8_t *payload = rtp + RTP_HEADER_BYTES;
    if (track->isVideo) {
      onVideo(player, payload, size, rtp[1] & 0x80);
    } else {
      size_t units = readUint(payload, 2) / 16;
      noteMedia(player);
      dialogue->payloadBytes += size - 2 - 2 * units + units * TAG_AUDIO_BYTES;
    }
  }
  dialogue->headerBytes += dialogue->size - (dialogue->payloadBytes - payloadBefore);
  return true;
}

/* Takes bytes of one packet, and tells how many; 0: the server broke the protocol. */
static size_t parsePacket(Player *player, const uint8_t *bytes, size_t length) {
  Dialogue *dialogue = player->dialogue;
  size_t end = dialogue->size == 0 ? PREFIX_BYTES : dialogue->size;
  size_t taken = length < end - dialogue->seen ? length : end - dialogue->seen;
  if (dialogue->seen < HEAD_BYTES) {
    size_t room = HEAD_BYTES - dialogue->seen;
    memcpy(dialogue->head + dialogue->seen, bytes, taken < room ? taken : room);
  }
  dialogue->seen += taken;
  if (dialogue->seen < end) return taken;
  if (dialogue->size == 0) {
    dialogue->size = PREFIX_BYTES + readUint(dialogue->head + 2, 2);
    return dialogue->head[0] == '$' && dialogue->size > PREFIX_BYTES ? taken : 0;
  }
  if (!onPacket(player)) return 0;
  dialogue->seen = dialogue->size = 0;
  return taken;
}

static bool parse(Player *player, const uint8_t *bytes, size_t length) {
  Dialogue *dialogue = player->dialogue;
  dialogue->headerBytes = dialogue->payloadBytes = 0;
  while (length > 0) {
    size_t taken = dialogue->isPlaying ? parsePacket(player, bytes, length) : parseAnswer(player, bytes, length);
    if (taken == 0) return false;
    bytes += taken;
    length -= taken;
  }
  if (player->isProbe) noteBytes(dialogue->headerBytes, dialogue->payloadBytes);
  return true;
}

const Protocol rtspReader = {.dialogueBytes = sizeof(Dialogue), .begin = begin, .parse = parse};
