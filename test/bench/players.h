/* What players share, whatever they speak, and what a protocol is to them. */
#ifndef PLAYERS_H
#define PLAYERS_H

#include "load.h"

enum { STAMP_BYTES = STAMP_TIME_BYTES + STAMP_SEQUENCE_BYTES };

typedef enum { CONNECTING, PARSING, COUNTING, CLOSED } PlayerState;

typedef struct {
  int fd;
  PlayerState state;
  bool isProbe;
  uint64_t received;
  uint64_t acknowledged;
  uint64_t receivedAtOpen;
  int64_t startedAt, firstMediaAt, firstKeyAt;
  uint64_t lastFrame; /* number of the last video frame a probe saw; 0: none yet */
  void *dialogue;     /* of the protocol; NULL once nothing is parsed any more */
} Player;

typedef struct {
  size_t dialogueBytes; /* of what a protocol keeps of each player that parses; zero at first */
  /* The player is connected. False: it must leave. */
  bool (*begin)(Player *player, const Options *options);
  /* Bytes that arrived, until the player parses no more. False when the server broke the protocol. */
  bool (*parse)(Player *player, const uint8_t *bytes, size_t length);
  /* More was received, whether or not it was parsed. */
  void (*counted)(Player *player);
} Protocol;

extern const Protocol rtmpPlayer, rtspReader, httpFlvReader, socketFlvReader;

/* For a protocol to call while it parses. */
void noteMedia(Player *player);                                           /* a frame has begun */
void noteVideo(Player *player, bool key, const uint8_t stamp[STAMP_BYTES]); /* a video frame is whole */
void noteBytes(uint64_t header, uint64_t payload); /* of the protocol, and of what the publisher's messages held */
void notePacketsLost(uint64_t packets);            /* by their numbers, where packets have some */

#endif
