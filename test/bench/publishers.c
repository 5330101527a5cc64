/*
 * Publishers of a 720p30 stream with AAC sound. All send the same frames, encoded once; only the time stamps
 * are written before each send. Their phases are spread over a GOP, so that they do not fire together.
 */
#include "frames.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  REPLY_ROOM = 4096,           /* of the answers up to NetStream.Publish.Start */
  BACKLOG_LIMIT = 8 << 20,     /* a server that is this far behind has failed */
  SETTLE_MS = 2 * GOP_MS,      /* from the first frame until the window: every publisher has sent a whole GOP */
  START_PATIENCE_MS = 10000,   /* after the last connection was opened */
  LONGEST_WAIT_MS = 10
};

typedef enum { CONNECTING, GREETED, ASKED, READY, PUBLISHING, CLOSED } PublisherState;

typedef struct {
  int fd;
  PublisherState state;
  size_t greetingLeft;
  Buffer replies;
  Buffer backlog;      /* what the socket did not take yet, from backlogAt */
  size_t backlogAt;
  int64_t startAt, dueAt;
  uint64_t video, audio; /* packets sent */
  uint64_t sent;         /* bytes the socket took */
  uint64_t sentAtOpen;
} Publisher;

typedef enum { STARTING, SETTLING, MEASURING, DONE } Phase;

static const Options *options;
static Publisher *publishers;
static int *heap; /* publishers by the time of their next packet */
static int heapLength;
static int opened, started, disconnected, epoll;
static Buffer greeting, streamHeaders;

static Phase phase = STARTING;
static int64_t phaseSince;
static double offered; /* offered: bytes of the packets due in the window */
static Samples lateness;

static void leave(Publisher *publisher) {
  if (publisher->state == CLOSED) return;
  if (publisher->state != CONNECTING) disconnected++;
  publisher->state = CLOSED;
  close(publisher->fd);
  free(publisher->backlog.bytes);
  publisher->backlog = (Buffer){0};
}

static uint32_t indexOf(const Publisher *publisher) { return (uint32_t)(publisher - publishers); }

/* One send, as OBS does it; the rest waits for the socket. */
static void transmit(Publisher *publisher, const uint8_t *bytes, size_t length) {
  if (publisher->backlog.length == 0) {
    ptrdiff_t taken = send(publisher->fd, bytes, length, MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN) {
      leave(publisher);
      return;
    }
    if (taken < 0) taken = 0;
    publisher->sent += (uint64_t)taken;
    if ((size_t)taken == length) return;
    bytes += taken;
    length -= (size_t)taken;
    watch(epoll, EPOLL_CTL_MOD, publisher->fd, EPOLLIN | EPOLLOUT, indexOf(publisher));
  }
  append(&publisher->backlog, bytes, length);
  if (publisher->backlog.length > BACKLOG_LIMIT) leave(publisher);
}

static void sendBacklog(Publisher *publisher) {
  Buffer *backlog = &publisher->backlog;
  size_t left = backlog->length - publisher->backlogAt;
  ptrdiff_t taken = send(publisher->fd, backlog->bytes + publisher->backlogAt, left, MSG_NOSIGNAL);
  if (taken < 0 && errno != EAGAIN) leave(publisher);
  if (taken <= 0) return;
  publisher->sent += (uint64_t)taken;
  publisher->backlogAt += (size_t)taken;
  if (publisher->backlogAt < backlog->length) return;
  backlog->length = publisher->backlogAt = 0;
  watch(epoll, EPOLL_CTL_MOD, publisher->fd, EPOLLIN, indexOf(publisher));
}

static void sendVideo(Publisher *publisher) {
  uint64_t number = publisher->video++;
  Frame *frame = &gop[number % FRAMES_PER_GOP];
  if (number % FRAMES_PER_GOP == 0) writeUint(frame->wire.bytes + 1, (uint64_t)(videoAt(number) / NS_PER_MS), 3);
  uint8_t *stamp = frame->wire.bytes + frame->bodyAt + VIDEO_HEAD_BYTES;
  writeSevens(stamp, (uint64_t)nowNs(), STAMP_TIME_BYTES);
  writeSevens(stamp + STAMP_TIME_BYTES, number + 1, STAMP_SEQUENCE_BYTES);
  if (phase == MEASURING) offered += (double)frame->wire.length;
  transmit(publisher, frame->wire.bytes, frame->wire.length);
}

static void sendAudio(Publisher *publisher) {
  uint64_t number = publisher->audio++;
  int64_t before = number == 0 ? 0 : audioAt(number - 1) / NS_PER_MS;
  writeUint(audioFrame.wire.bytes + 1, (uint64_t)(audioAt(number) / NS_PER_MS - before), 3);
  if (phase == MEASURING) offered += (double)audioFrame.wire.length;
  transmit(publisher, audioFrame.wire.bytes, audioFrame.wire.length);
}

static void swap(int a, int b) {
  int kept = heap[a];
  heap[a] = heap[b];
  heap[b] = kept;
}

static bool earlier(int a, int b) { return publishers[heap[a]].dueAt < publishers[heap[b]].dueAt; }

static void sink(int at) {
  for (;;) {
    int child = 2 * at + 1;
    if (child >= heapLength) return;
    if (child + 1 < heapLength && earlier(child + 1, child)) child++;
    if (!earlier(child, at)) return;
    swap(at, child);
    at = child;
  }
}

static void sendDue(void) {
  int64_t now = nowNs();
  while (heapLength > 0 && publishers[heap[0]].dueAt <= now) {
    Publisher *publisher = &publishers[heap[0]];
    if (publisher->state == READY) {
      publisher->state = PUBLISHING;
      transmit(publisher, streamHeaders.bytes, streamHeaders.length);
    }
    if (phase == MEASURING) addSample(&lateness, (double)(nowNs() - publisher->dueAt) / NS_PER_MS);
    int64_t video = publisher->startAt + videoAt(publisher->video), audio = publisher->startAt + audioAt(publisher->audio);
    if (publisher->state == PUBLISHING && video <= audio) sendVideo(publisher);
    else if (publisher->state == PUBLISHING) sendAudio(publisher);
    if (publisher->state == CLOSED) {
      heap[0] = heap[--heapLength];
    } else {
      video = publisher->startAt + videoAt(publisher->video);
      audio = publisher->startAt + audioAt(publisher->audio);
      publisher->dueAt = video < audio ? video : audio;
    }
    sink(0);
  }
}

/* The golden ratio spreads any number of publishers evenly over the GOP, and over the frame period too. */
static void schedule(void) {
  int64_t first = nowNs() + 100 * NS_PER_MS;
  for (int at = 0; at < options->count; at++) {
    if (publishers[at].state != READY) continue;
    double phaseOfGop = fmod(at * 0.6180339887498949, 1);
    publishers[at].startAt = publishers[at].dueAt = first + (int64_t)(phaseOfGop * GOP_MS * NS_PER_MS);
    heap[heapLength++] = at;
  }
  for (int at = heapLength / 2; at >= 0; at--) sink(at);
}

static void openDue(int64_t begun) {
  int64_t due = (nowNs() - begun) * options->rate / NS_PER_S + 1;
  for (; opened < options->count && opened < due; opened++) {
    Publisher *publisher = &publishers[opened];
    publisher->greetingLeft = REPLY_BYTES;
    publisher->fd = openSocket(options);
    if (publisher->fd < 0) publisher->state = CLOSED;
    else watch(epoll, EPOLL_CTL_ADD, publisher->fd, EPOLLIN | EPOLLOUT, (uint32_t)opened);
  }
}

static void greet(Publisher *publisher) {
  if (!sendWhole(publisher->fd, greeting.bytes, greeting.length)) {
    leave(publisher);
    return;
  }
  publisher->state = GREETED;
  watch(epoll, EPOLL_CTL_MOD, publisher->fd, EPOLLIN, indexOf(publisher));
}

static void ask(Publisher *publisher) {
  ptrdiff_t got = discard(publisher->fd, publisher->greetingLeft);
  if (got <= 0) {
    leave(publisher);
    return;
  }
  publisher->greetingLeft -= (size_t)got;
  if (publisher->greetingLeft > 0) return;
  publisher->state = ASKED;
  Buffer commands = {0};
  appendPublishCommands(&commands, options, (int)indexOf(publisher));
  if (!sendWhole(publisher->fd, commands.bytes, commands.length)) leave(publisher);
  free(commands.bytes);
}

static void awaitStart(Publisher *publisher) {
  static const char accepted[] = "NetStream.Publish.Start";
  uint8_t bytes[REPLY_ROOM];
  ptrdiff_t got = recv(publisher->fd, bytes, sizeof bytes, 0);
  if (got <= 0 || publisher->replies.length > REPLY_ROOM) {
    leave(publisher);
    return;
  }
  append(&publisher->replies, bytes, (size_t)got);
  if (!memmem(publisher->replies.bytes, publisher->replies.length, accepted, sizeof accepted - 1)) return;
  free(publisher->replies.bytes);
  publisher->replies = (Buffer){0};
  publisher->state = READY;
  started++;
}

static void serve(int timeoutMs) {
  struct epoll_event events[256];
  int ready = epoll_wait(epoll, events, 256, timeoutMs);
  for (int at = 0; at < ready; at++) {
    Publisher *publisher = &publishers[events[at].data.u32];
    switch (publisher->state) {
      case CONNECTING: greet(publisher); break;
      case GREETED: ask(publisher); break;
      case ASKED: awaitStart(publisher); break;
      case READY:
      case PUBLISHING:
        if (events[at].events & EPOLLOUT && publisher->backlog.length > 0) sendBacklog(publisher);
        if (publisher->state != CLOSED && events[at].events & ~(uint32_t)EPOLLOUT) {
          ptrdiff_t got = discard(publisher->fd, SIZE_MAX);
          if (got == 0 || (got < 0 && errno != EAGAIN)) leave(publisher);
        }
        break;
      case CLOSED: break;
    }
  }
}

static void openWindow(void) {
  for (int at = 0; at < options->count; at++) publishers[at].sentAtOpen = publishers[at].sent;
  phase = MEASURING;
  phaseSince = nowNs();
  printf("{\"kind\":\"open\"");
  printNumber("bodyBytesPerSecond", bodyBytesPerSecond);
  printNumber("started", started);
  printf("}\n");
}

static void closeWindow(void) {
  double seconds = (double)(nowNs() - phaseSince) / NS_PER_S, total = 0;
  Samples sent = {0};
  phase = DONE;
  printf("{\"kind\":\"closed\"}\n");
  for (int at = 0; at < options->count; at++) {
    double bytes = (double)(publishers[at].sent - publishers[at].sentAtOpen);
    total += bytes;
    addSample(&sent, bytes);
  }
  printf("{\"kind\":\"result\"");
  printNumber("seconds", seconds);
  printNumber("started", started);
  printNumber("disconnected", disconnected);
  printNumber("bytes", total);
  printNumber("offeredBytes", offered);
  printNumber("leastBytes", percentile(&sent, 0));
  printNumber("medianBytes", percentile(&sent, 50));
  printPercentiles("lateMs", &lateness);
  printNumber("bodyBytesPerSecond", bodyBytesPerSecond);
  printf("}\n");
}

static void advance(int64_t now) {
  int64_t elapsedMs = (now - phaseSince) / NS_PER_MS;
  switch (phase) {
    case STARTING:
      if (opened < options->count) phaseSince = now;
      else if (started + disconnected >= options->count || elapsedMs > START_PATIENCE_MS) {
        schedule();
        phase = SETTLING;
        phaseSince = now;
      }
      break;
    case SETTLING:
      if (elapsedMs >= SETTLE_MS) openWindow();
      break;
    case MEASURING:
      if (now - phaseSince >= options->seconds * NS_PER_S) closeWindow();
      break;
    case DONE:
      break;
  }
}

/* Until the next packet is due, rounded up to whole milliseconds. */
static int waitMs(void) {
  if (heapLength == 0) return LONGEST_WAIT_MS;
  int64_t left = (publishers[heap[0]].dueAt - nowNs() + NS_PER_MS - 1) / NS_PER_MS;
  return left < 0 ? 0 : left > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : (int)left;
}

int runPublishers(const Options *given) {
  options = given;
  publishers = calloc((size_t)options->count, sizeof *publishers);
  heap = calloc((size_t)options->count, sizeof *heap);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (!publishers || !heap || epoll < 0) return 1;
  encodeFrames(options->kbps);
  appendGreeting(&greeting);
  appendStreamHeaders(&streamHeaders);
  int64_t begun = nowNs();
  phaseSince = begun;
  while (!stopping) {
    openDue(begun);
    serve(opened < options->count ? 1 : waitMs());
    sendDue();
    advance(nowNs());
  }
  return 0;
}
