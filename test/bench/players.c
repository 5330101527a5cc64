/*
 * Players, of any protocol. Each one parses what it receives until its first key frame is whole, which gives the join times;
 * from then on it only counts bytes. Probes, spread evenly over the players, go on parsing: they read the
 * publisher's clock and frame numbers out of the video frames. Sockets that parse are served at once, the
 * others twenty times a second, so that one wake-up discards what several sends brought.
 */
#include "players.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
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

typedef enum { JOINING, ALIGNING, WAITING, MEASURING, DONE } Phase;

static const Options *options;
static const Protocol *protocol;
static Player *players;
static int opened, connected, joined, disconnected;
static int promptEpoll, crowdEpoll;
static uint8_t scratch[1 << 18];

static Phase phase = JOINING;
static int64_t phaseSince, windowOpenAt, windowCloseAt;
static int64_t keyFrameSentAt; /* of the first that a probe saw in this phase */
static uint64_t headerBytes, payloadBytes, framesSeen, framesLost; /* of the probes, in the window */
static uint64_t packetsLost; /* of the probes, and of all until they had joined */
static Samples delays;

/* It parses no more. */
static void endDialogue(Player *player) {
  free(player->dialogue);
  player->dialogue = NULL;
}

static void leave(Player *player) {
  if (player->state != CONNECTING) disconnected++;
  player->state = CLOSED;
  close(player->fd);
  endDialogue(player);
}

/* When the frame was sent. */
static int64_t readStamp(Player *player, const uint8_t *stamp) {
  int64_t sentAt = (int64_t)readSevens(stamp, STAMP_TIME_BYTES);
  uint64_t frame = readSevens(stamp + STAMP_TIME_BYTES, STAMP_SEQUENCE_BYTES);
  if (phase == MEASURING) {
    addSample(&delays, (double)(nowNs() - sentAt) / NS_PER_MS);
    framesSeen++;
    if (player->lastFrame > 0 && frame > player->lastFrame + 1) framesLost += frame - player->lastFrame - 1;
  }
  player->lastFrame = frame;
  return sentAt;
}

void noteMedia(Player *player) {
  if (player->firstMediaAt == 0) player->firstMediaAt = nowNs();
}

void noteVideo(Player *player, bool key, const uint8_t stamp[STAMP_BYTES]) {
  if (key && player->firstKeyAt == 0) {
    player->firstKeyAt = nowNs();
    joined++;
  }
  if (!player->isProbe) return;
  int64_t sentAt = readStamp(player, stamp);
  if (key && keyFrameSentAt == 0 && sentAt >= phaseSince) keyFrameSentAt = sentAt;
}

void noteBytes(uint64_t header, uint64_t payload) {
  if (phase != MEASURING) return;
  headerBytes += header;
  payloadBytes += payload;
}

void notePacketsLost(uint64_t packets) {
  packetsLost += packets;
}

static void openDue(int64_t begun) {
  int64_t due = (nowNs() - begun) * options->rate / NS_PER_S + 1;
  for (; opened < options->count && opened < due; opened++) {
    Player *player = &players[opened];
    /* the middle of each of `probes` equal parts */
    int part = options->count / options->probes;
    player->isProbe = part == 0 || (opened % part == part / 2 && opened / part < options->probes);
    player->startedAt = nowNs();
    player->fd = openSocket(options);
    if (player->fd < 0) player->state = CLOSED;
    else watch(promptEpoll, EPOLL_CTL_ADD, player->fd, EPOLLIN | EPOLLOUT, (uint32_t)opened);
  }
}

/* False when the connection ended. */
static bool count(Player *player, ptrdiff_t got) {
  if (got < 0 && errno == EAGAIN) return true;
  if (got <= 0) {
    leave(player);
    return false;
  }
  player->received += (uint64_t)got;
  if (protocol->counted) protocol->counted(player);
  return true;
}

static void begin(Player *player, uint32_t index) {
  player->dialogue = calloc(1, protocol->dialogueBytes);
  if (!player->dialogue || !protocol->begin(player, options)) {
    leave(player);
    return;
  }
  connected++;
  player->state = PARSING;
  watch(promptEpoll, EPOLL_CTL_MOD, player->fd, EPOLLIN, index);
}

static void parse(Player *player, uint32_t index) {
  ptrdiff_t got = recv(player->fd, scratch, sizeof scratch, 0);
  if (!count(player, got) || got < 0) return;
  if (!protocol->parse(player, scratch, (size_t)got)) {
    fprintf(stderr, "load: player %u received what it does not understand\n", index);
    leave(player);
    return;
  }
  if (player->isProbe || player->firstKeyAt == 0) return;
  endDialogue(player);
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
      case CONNECTING: begin(player, index); break;
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
  printNumber("packetsLost", (double)packetsLost);
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

static int run(const Options *given, const Protocol *spoken) {
  options = given;
  protocol = spoken;
  players = calloc((size_t)options->count, sizeof *players);
  promptEpoll = epoll_create1(EPOLL_CLOEXEC);
  crowdEpoll = epoll_create1(EPOLL_CLOEXEC);
  if (!players || promptEpoll < 0 || crowdEpoll < 0) return 1;
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

int runPlayers(const Options *given) { return run(given, &rtmpPlayer); }

int runRtspReaders(const Options *given) { return run(given, &rtspReader); }

int runHttpFlvReaders(const Options *given) { return run(given, &httpFlvReader); }

int runSocketFlvReaders(const Options *given) { return run(given, &socketFlvReader); }
