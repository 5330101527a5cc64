/*
 * Load for a live server, in several roles:
 *
 *   load players          --port P --count N   joins one stream N times by RTMP and counts what arrives
 *   load rtsp-readers     --port P --count N   the same by RTSP, media interleaved on the connection
 *   load http-flv-readers --port P --count N   the same by FLV over HTTP
 *   load ws-flv-readers   --port P --count N   the same by FLV over WebSockets
 *   load publishers       --port P --count N   publishes N streams by RTMP in real time
 *
 * It prints lines of JSON on stdout: {"kind":"open"} when every connection is at work and the measured window
 * begins, {"kind":"closed"} when it ends, {"kind":"result", ...} with the figures. After that it goes on, so
 * that the server can be looked at under load, until SIGTERM or --limit seconds after the start.
 * It is meant to cost much less than the server: what need not be read is discarded inside the kernel.
 */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

volatile bool stopping = false;

int64_t nowNs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/*
 * --segment is a quarter of the loopback interface's own size unless given. With 64 kB, a server that leaves Nagle's algorithm on
 * would gather several frames in the kernel for as long as a player delays its acknowledgement: cheaper for it, and
 * later for its players, than on any network. With 1.4 kB, as on Ethernet, both servers spend most of their time in
 * the kernel's congestion control, which a network card would mostly take off them.
 */
int openSocket(const Options *options) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (options->segment < LARGEST_SEGMENT) {
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &options->segment, sizeof options->segment);
  }
  int room = RECEIVE_BUFFER_BYTES;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room); /* the kernel may give less */
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options->port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EINPROGRESS) return fd;
  close(fd);
  return -1;
}

bool sendWhole(int fd, const void *bytes, size_t length) {
  return send(fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length;
}

ptrdiff_t discard(int fd, size_t most) {
  static uint8_t nowhere[1 << 20]; /* TCP does not write to it under MSG_TRUNC */
  return recv(fd, nowhere, most < sizeof nowhere ? most : sizeof nowhere, MSG_TRUNC);
}

void watch(int epoll, int operation, int fd, uint32_t events, uint32_t index) {
  struct epoll_event event = {.events = events, .data.u32 = index};
  epoll_ctl(epoll, operation, fd, &event);
}

void addSample(Samples *samples, double value) {
  if (samples->count == samples->capacity) {
    samples->capacity = samples->capacity ? samples->capacity * 2 : 256;
    samples->values = realloc(samples->values, samples->capacity * sizeof(double));
    if (!samples->values) exit(1);
  }
  samples->values[samples->count++] = value;
}

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return left < right ? -1 : left > right;
}

double percentile(Samples *samples, double of100) {
  if (samples->count == 0) return NAN;
  qsort(samples->values, samples->count, sizeof(double), ascending);
  size_t rank = (size_t)ceil(of100 / 100 * (double)samples->count);
  return samples->values[rank > 0 ? rank - 1 : 0];
}

void printNumber(const char *key, double value) {
  if (isnan(value)) printf(",\"%s\":null", key);
  else printf(",\"%s\":%.9g", key, value);
}

void printPercentiles(const char *key, Samples *samples) {
  char name[64];
  snprintf(name, sizeof name, "%sP50", key);
  printNumber(name, percentile(samples, 50));
  snprintf(name, sizeof name, "%sP99", key);
  printNumber(name, percentile(samples, 99));
}

static void onSignal(int signal) {
  (void)signal;
  stopping = true;
}

static void onAlarm(int signal) {
  (void)signal;
  static const char text[] = "load: time limit reached\n";
  ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
  (void)ignored;
  _exit(3);
}

static void fail(const char *what, const char *given) {
  fprintf(stderr, "load: %s %s\n", what, given);
  exit(2);
}

static void raiseFileLimit(int count) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max >= (rlim_t)count + 32) return;
  fprintf(stderr, "load: open files limited to %llu, %d connections need %d: raise the hard limit (ulimit -Hn)\n",
          (unsigned long long)limit.rlim_max, count, count + 32);
  exit(2);
}

static Options parseOptions(int argc, char **argv) {
  Options options = {.count = 1, .rate = 500, .seconds = 10, .probes = 20, .kbps = 2650, .segment = 16384, .limit = 120,
                     .app = "live", .name = "bench"};
  struct { const char *key; int *number; const char **text; } known[] = {
    {"--port", &options.port, NULL},       {"--count", &options.count, NULL},
    {"--rate", &options.rate, NULL},       {"--seconds", &options.seconds, NULL},
    {"--probes", &options.probes, NULL},   {"--kbps", &options.kbps, NULL},
    {"--limit", &options.limit, NULL},     {"--segment", &options.segment, NULL},
    {"--app", NULL, &options.app},         {"--name", NULL, &options.name},
  };
  for (int at = 2; at < argc; at += 2) {
    size_t found = 0, all = sizeof known / sizeof known[0];
    while (found < all && strcmp(known[found].key, argv[at]) != 0) found++;
    if (found == all || at + 1 == argc) fail("unknown option or no value:", argv[at]);
    if (known[found].text) *known[found].text = argv[at + 1];
    else if ((*known[found].number = atoi(argv[at + 1])) < 1) fail("expected a number from 1:", argv[at]);
  }
  if (options.port == 0) fail("expected", "--port");
  if (options.kbps < 500) fail("expected 500 or more:", "--kbps");
  return options;
}

int main(int argc, char **argv) {
  if (argc < 2) fail("expected a role:", "players, rtsp-readers, http-flv-readers, ws-flv-readers or publishers");
  Options options = parseOptions(argc, argv);
  raiseFileLimit(options.count);
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* never outlive the harness */
  signal(SIGTERM, onSignal);
  signal(SIGINT, onSignal);
  signal(SIGALRM, onAlarm);
  alarm((unsigned)options.limit);
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (strcmp(argv[1], "players") == 0) return runPlayers(&options);
  if (strcmp(argv[1], "rtsp-readers") == 0) return runRtspReaders(&options);
  if (strcmp(argv[1], "http-flv-readers") == 0) return runHttpFlvReaders(&options);
  if (strcmp(argv[1], "ws-flv-readers") == 0) return runSocketFlvReaders(&options);
  if (strcmp(argv[1], "publishers") == 0) return runPublishers(&options);
  fail("expected players, rtsp-readers, http-flv-readers, ws-flv-readers or publishers, not", argv[1]);
}
