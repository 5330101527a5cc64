/* How a player speaks RTMP. */
#include "chunk-parser.h"
#include "players.h"

enum { ACKNOWLEDGE_EVERY = 2500000 };

typedef struct {
  size_t replySeen; /* of S0 S1 S2 */
  ChunkParser parser;
} Dialogue;

static Buffer greeting, commands;

static bool begin(Player *player, const Options *options) {
  if (greeting.length == 0) {
    appendGreeting(&greeting);
    appendPlayCommands(&commands, options);
  }
  startParser(&((Dialogue *)player->dialogue)->parser);
  return sendWhole(player->fd, greeting.bytes, greeting.length);
}

static bool isVideoFrame(const Message *message, bool key) {
  if (message->type != 9 || message->filled < 2) return false;
  return message->head[0] == (key ? 0x17 : 0x27) && message->head[1] == 1;
}

static bool isMedia(const Message *message) {
  bool aacFrame = message->type == 8 && message->filled >= 2 && message->head[0] == 0xaf && message->head[1] == 1;
  return aacFrame || isVideoFrame(message, true) || isVideoFrame(message, false);
}

static void onMessage(void *owner, const Message *message, bool whole) {
  Player *player = owner;
  if (!isMedia(message)) return;
  noteMedia(player);
  if (whole && message->type == 9) noteVideo(player, isVideoFrame(message, true), message->head + VIDEO_HEAD_BYTES);
}

static bool parse(Player *player, const uint8_t *bytes, size_t length) {
  Dialogue *dialogue = player->dialogue;
  if (dialogue->replySeen < REPLY_BYTES) {
    size_t missing = REPLY_BYTES - dialogue->replySeen, taken = length < missing ? length : missing;
    dialogue->replySeen += taken;
    bytes += taken;
    length -= taken;
    if (dialogue->replySeen < REPLY_BYTES) return true;
    if (!sendWhole(player->fd, commands.bytes, commands.length)) return false;
  }
  ChunkParser *parser = &dialogue->parser;
  uint64_t headersBefore = parser->headerBytes, payloadBefore = parser->payloadBytes;
  if (!parseChunks(parser, bytes, length, onMessage, player)) return false;
  if (player->isProbe) noteBytes(parser->headerBytes - headersBefore, parser->payloadBytes - payloadBefore);
  return true;
}

static void acknowledge(Player *player) {
  if (player->received - player->acknowledged < ACKNOWLEDGE_EVERY) return;
  uint8_t message[16] = {2, 0, 0, 0, 0, 0, 4, 3};
  writeUint(message + 12, player->received & 0xffffffff, 4);
  sendWhole(player->fd, message, sizeof message);
  player->acknowledged = player->received;
}

const Protocol rtmpPlayer = {
  .dialogueBytes = sizeof(Dialogue), .begin = begin, .parse = parse, .counted = acknowledge};
