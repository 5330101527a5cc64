/*
 * Players. Each one parses what it receives until its first key frame is whole, which gives the join times;
 * from then on it only counts bytes. Probes, spread evenly over the players, go on parsing: they read the
 * publisher's clock and frame numbers out of the video frames. Sockets that parse are served at once, the
 * others twenty times a second, so that one wake-up discards what several sends brought.
 */
#include "chunk-parser.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  ACKNOWLEDGE_EVERY = 2500000,
  EVENTS_AT_ONCE = 64,
  CROWD_PERIOD_MS = 50,
  JOIN_PATIENCE_MS = 10000, /* after the last connection was opened */
  KEY_PATIENCE_MS = 5000,
  /*
   * The window begins and ends in the middle of a GOP, so that it holds whole GOPs, and between two frames: when
   * one has reached everybody and the next, 33 ms after it, is not sent yet.
   */
  INTO_GOP_MS = GOP_MS / 2 + 14,
  QUIET_MS = 20 /* before an edge of the window the crowd is not served, which would make it late */
};

typedef enum { CONNECTING, GREETED, PARSING, COUNTING, CLOSED } PlayerState;

typedef struct {
  int fd;
  PlayerState state;
  bool isProbe;
  size_t greetingLeft;
  uint64_t received;
  uint64_t acknowledged;
  uint64_t receivedAtOpen;
  int64_t startedAt, firstMediaAt, firstKeyAt;
  uint64_t lastFrame; /* number of the last video frame a probe saw; 0: none yet */
  ChunkParser *parser;
} Player;

typedef enum { JOINING, ALIGNING, WAITING, MEASURING, DONE } Phase;

static const Options *options;
static Player *players;
static int opened, connected, joined, disconnected;
static int promptEpoll, crowdEpoll;
static Buffer greeting, commands;
static uint8_t scratch[1 << 18];

static Phase phase = JOINING;
static int64_t phaseSince, windowOpenAt, windowCloseAt;
static int64_t keyFrameSentAt; /* of the first that a probe saw in this phase */
static uint64_t headerBytes, payloadBytes; /* of the probes, in the window */
static uint64_t framesSeen, framesLost;
static Samples delays;

static void leave(Player *player) {
  if (player->state != CONNECTING && player->state != GREETED) disconnected++;
  player->state = CLOSED;
  close(player->fd);
  free(player->parser);
  player->parser = NULL;
}

static bool isVideoFrame(const Message *message, bool key) {
  if (message->type != 9 || message->filled < 2) return false;
  return message->head[0] == (key ? 0x17 : 0x27) && message->head[1] == 1;
}

static bool isMedia(const Message *message) {
  bool aacFrame = message->type == 8 && message->filled >= 2 && message->head[0] == 0xaf && message->head[1] == 1;
  return aacFrame || isVideoFrame(message, true) || isVideoFrame(message, false);
}

/* When the frame was sent. */
static int64_t readStamp(Player *player, const Message *message) {
  int64_t sentAt = (int64_t)readSevens(message->head + VIDEO_HEAD_BYTES, STAMP_TIME_BYTES);
  uint64_t frame = readSevens(message->head + VIDEO_HEAD_BYTES + STAMP_TIME_BYTES, STAMP_SEQUENCE_BYTES);
  if (phase == MEASURING) {
    addSample(&delays, (double)(nowNs() - sentAt) / NS_PER_MS);
    framesSeen++;
    if (player->lastFrame > 0 && frame > player->lastFrame + 1) framesLost += frame - player->lastFrame - 1;
  }
  player->lastFrame = frame;
  return sentAt;
}

static void onMessage(void *owner, const Message *message, bool whole) {
  Player *player = owner;
  if (!isMedia(message)) return;
  if (player->firstMediaAt == 0) player->firstMediaAt = nowNs();
  if (!whole || message->type != 9) return;
  bool key = isVideoFrame(message, true);
  if (key && player->firstKeyAt == 0) {
    player->firstKeyAt = nowNs();
    joined++;
  }
  if (!player->isProbe) return;
  int64_t sentAt = readStamp(player, message);
  if (key && keyFrameSentAt == 0 && sentAt >= phaseSince) keyFrameSentAt = sentAt;
}

static void openDue(int64_t begun) {
  int64_t due = (nowNs() - begun) * options->rate / NS_PER_S + 1;
  for (; opened < options->count && opened < due; opened++) {
    Player *player = &players[opened];
    /* the middle of each of `probes` equal parts */
    int part = options->count / options->probes;
    player->isProbe = part == 0 || (opened % part == part / 2 && opened / part < options->probes);
    player->startedAt = nowNs();
    player->greetingLeft = REPLY_BYTES;
    player->fd = openSocket(options);
    if (player->fd < 0) player->state = CLOSED;
    else watch(promptEpoll, EPOLL_CTL_ADD, player->fd, EPOLLIN | EPOLLOUT, (uint32_t)opened);
  }
}

static void acknowledge(Player *player) {
  if (player->received - player->acknowledged < ACKNOWLEDGE_EVERY) return;
  uint8_t message[16] = {2, 0, 0, 0, 0, 0, 4, 3};
  writeUint(message + 12, player->received & 0xffffffff, 4);
  sendWhole(player->fd, message, sizeof message);
  player->acknowledged = player->received;
}

/* False when the connection ended. */
static bool count(Player *player, ptrdiff_t got) {
  if (got < 0 && errno == EAGAIN) return true;
  if (got <= 0) {
    leave(player);
    return false;
  }
  player->received += (uint64_t)got;
  acknowledge(player);
  return true;
}

static void greet(Player *player, uint32_t index) {
  if (!sendWhole(player->fd, greeting.bytes, greeting.length)) {
    leave(player);
    return;
  }
  connected++;
  player->state = GREETED;
  watch(promptEpoll, EPOLL_CTL_MOD, player->fd, EPOLLIN, index);
}

static void ask(Player *player) {
  ptrdiff_t got = discard(player->fd, player->greetingLeft);
  if (!count(player, got) || got < 0) return;
  player->greetingLeft -= (size_t)got;
  if (player->greetingLeft > 0) return;
  player->state = PARSING;
  player->parser = malloc(sizeof *player->parser);
  if (!player->parser || !sendWhole(player->fd, commands.bytes, commands.length)) {
    leave(player);
    return;
  }
  startParser(player->parser);
}

static void parse(Player *player, uint32_t index) {
  ptrdiff_t got = recv(player->fd, scratch, sizeof scratch, 0);
  if (!count(player, got) || got < 0) return;
  uint64_t headersBefore = player->parser->headerBytes, payloadBefore = player->parser->payloadBytes;
  if (!parseChunks(player->parser, scratch, (size_t)got, onMessage, player)) {
    fprintf(stderr, "load: player %u received a broken chunk\n", index);
    leave(player);
    return;
  }
  if (phase == MEASURING) {
    headerBytes += player->parser->headerBytes - headersBefore;
    payloadBytes += player->parser->payloadBytes - payloadBefore;
  }
  if (player->isProbe || player->firstKeyAt == 0) return;
  free(player->parser);
  player->parser = NULL;
  player->state = COUNTING;
  watch(promptEpoll, EPOLL_CTL_DEL, player->fd, 0, index);
  watch(crowdEpoll, EPOLL_CTL_ADD, player->fd, EPOLLIN, index);
}

static int serve(int epoll, int timeoutMs) {
  struct epoll_event events[EVENTS_AT_ONCE];
  int ready = epoll_wait(epoll, events, EVENTS_AT_ONCE, timeoutMs);
  for (int at = 0; at < ready; at++) {
    uint32_t index = events[at].data.u32;
    Player *player = &players[index];
    switch (player->state) {
      case CONNECTING: greet(player, index); break;
      case GREETED: ask(player); break;
      case PARSING: parse(player, index); break;
      case COUNTING: count(player, discard(player->fd, SIZE_MAX)); break;
      case CLOSED: break;
    }
  }
  return ready;
}

/* Every socket once at most, looking after the probes in between. */
static void serveCrowd(void) {
  for (int slices = options->count / EVENTS_AT_ONCE + 1; slices > 0; slices--) {
    if (serve(crowdEpoll, 0) < EVENTS_AT_ONCE) return;
    serve(promptEpoll, 0);
  }
}

static void enter(Phase next) {
  phase = next;
  phaseSince = nowNs();
  keyFrameSentAt = 0;
}

static void openWindow(void) {
  serveCrowd(); /* what has arrived belongs to the time before */
  for (int at = 0; at < options->count; at++) players[at].receivedAtOpen = players[at].received;
  enter(MEASURING);
  printf("{\"kind\":\"open\"}\n");
}

static void report(void) {
  Samples received = {0}, firstMedia = {0}, firstKey = {0};
  double total = 0;
  for (int at = 0; at < options->count; at++) {
    Player *player = &players[at];
    double bytes = (double)(player->received - player->receivedAtOpen);
    total += bytes;
    addSample(&received, bytes);
    if (player->firstMediaAt) addSample(&firstMedia, (double)(player->firstMediaAt - player->startedAt) / NS_PER_MS);
    if (player->firstKeyAt) addSample(&firstKey, (double)(player->firstKeyAt - player->startedAt) / NS_PER_MS);
  }
  printf("{\"kind\":\"result\"");
  printNumber("connected", connected);
  printNumber("joined", joined);
  printNumber("disconnected", disconnected);
  printNumber("bytes", total);
  printNumber("leastBytes", percentile(&received, 0));
  printNumber("medianBytes", percentile(&received, 50));
  printNumber("mostBytes", percentile(&received, 100));
  printNumber("headerShare", payloadBytes ? (double)headerBytes / (double)payloadBytes : NAN);
  printPercentiles("firstMediaMs", &firstMedia);
  printPercentiles("firstKeyMs", &firstKey);
  printPercentiles("delayMs", &delays);
  printNumber("framesSeen", (double)framesSeen);
  printNumber("framesLost", (double)framesLost);
  printf("}\n");
}

static void closeWindow(void) {
  serveCrowd();
  enter(DONE);
  printf("{\"kind\":\"closed\"}\n");
  report();
}

static void advance(int64_t now) {
  int64_t elapsedMs = (now - phaseSince) / NS_PER_MS;
  switch (phase) {
    case JOINING:
      if (opened < options->count) phaseSince = now; /* patience begins with the last one */
      else if (joined + disconnected >= options->count || elapsedMs > JOIN_PATIENCE_MS) enter(ALIGNING);
      break;
    case ALIGNING:
      if (keyFrameSentAt == 0 && elapsedMs <= KEY_PATIENCE_MS) break;
      windowOpenAt = (keyFrameSentAt ? keyFrameSentAt : now) + INTO_GOP_MS * NS_PER_MS;
      windowCloseAt = windowOpenAt + options->seconds * NS_PER_S;
      enter(WAITING);
      break;
    case WAITING:
      if (now >= windowOpenAt) openWindow();
      break;
    case MEASURING:
      if (now >= windowCloseAt) closeWindow();
      break;
    case DONE:
      break;
  }
}

/* When the window opens or closes next. */
static int64_t nextEdge(void) {
  return phase == WAITING ? windowOpenAt : phase == MEASURING ? windowCloseAt : INT64_MAX;
}

/* Until the crowd is served again, or the next edge. */
static int waitMs(int64_t now) {
  if (opened < options->count) return 1;
  int64_t left = (nextEdge() - now) / NS_PER_MS + 1;
  return left < 0 ? 0 : left < CROWD_PERIOD_MS ? (int)left : CROWD_PERIOD_MS;
}

int runPlayers(const Options *given) {
  options = given;
  players = calloc((size_t)options->count, sizeof *players);
  promptEpoll = epoll_create1(EPOLL_CLOEXEC);
  crowdEpoll = epoll_create1(EPOLL_CLOEXEC);
  if (!players || promptEpoll < 0 || crowdEpoll < 0) return 1;
  appendGreeting(&greeting);
  appendPlayCommands(&commands, options);
  int64_t begun = nowNs(), crowdServedAt = 0;
  phaseSince = begun;
  while (!stopping) {
    openDue(begun);
    serve(promptEpoll, waitMs(nowNs()));
    int64_t now = nowNs();
    bool quiet = nextEdge() - now < QUIET_MS * NS_PER_MS;
    if (!quiet && now - crowdServedAt >= CROWD_PERIOD_MS * NS_PER_MS) {
      crowdServedAt = now;
      serveCrowd();
    }
    advance(now);
  }
  return 0;
}
