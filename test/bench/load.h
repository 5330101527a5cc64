/* Shared by the parts of the load generator: options, clock, bytes, RTMP messages, statistics. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  HANDSHAKE_BYTES = 1536,
  GREETING_BYTES = 1 + HANDSHAKE_BYTES,   /* C0 C1 */
  REPLY_BYTES = 1 + 2 * HANDSHAKE_BYTES,  /* S0 S1 S2 */
  PUBLISHED_CHUNK_SIZE = 4096,            /* what OBS announces */
  FRAMES_PER_GOP = 60,                    /* 30 frames/s, a key frame every 2 s */
  GOP_MS = 2000,
  LARGEST_SEGMENT = 65535,
  RECEIVE_BUFFER_BYTES = 1 << 20,         /* a key frame must fit: the server, not the reader, does the sending */
  VIDEO_HEAD_BYTES = 10,                  /* tag header 5, NAL length 4, NAL header 1 */
  STAMP_TIME_BYTES = 10,                  /* send time in ns, 7 bits a byte */
  STAMP_SEQUENCE_BYTES = 5                /* frame number, 7 bits a byte */
};

typedef struct {
  int port;
  int count;    /* connections */
  int rate;     /* connections opened per second */
  int seconds;  /* length of the measured window */
  int probes;   /* players that go on parsing what they receive */
  int kbps;     /* of one published stream */
  int segment;  /* most bytes of a TCP segment; 65535: what the interface has; see openSocket */
  int limit;    /* seconds after which the program ends whatever happens */
  const char *app;
  const char *name; /* players: the stream; publishers: its number is appended */
} Options;

/* All run until SIGTERM, or until a while after their window closed. */
int runPlayers(const Options *options);
int runRtspReaders(const Options *options);
int runHttpFlvReaders(const Options *options);
int runSocketFlvReaders(const Options *options);
int runPublishers(const Options *options);
extern volatile bool stopping;

/* Clock: monotonic, shared by every process of this machine. */
int64_t nowNs(void);
#define NS_PER_MS 1000000LL
#define NS_PER_S 1000000000LL

/* Bytes that grow at their end. */
typedef struct {
  uint8_t *bytes;
  size_t length;
  size_t capacity;
} Buffer;
void append(Buffer *buffer, const void *bytes, size_t length);
void appendUint(Buffer *buffer, uint64_t value, int bytes); /* big-endian */
void writeUint(uint8_t *to, uint64_t value, int bytes);
uint32_t readUint(const uint8_t *from, int bytes);
void writeSevens(uint8_t *to, uint64_t value, int bytes); /* 7 bits a byte, the top bit set: never a zero byte */
uint64_t readSevens(const uint8_t *from, int bytes);

/* RTMP. `delta` messages have a header of type 1, others of type 0. */
typedef struct {
  int chunkStream;
  int type;
  int messageStream;
  uint32_t timestamp;
  bool delta;
} MessageHead;
void appendMessage(Buffer *buffer, MessageHead head, const Buffer *body, size_t chunkSize);
void appendGreeting(Buffer *buffer);
void appendPlayCommands(Buffer *buffer, const Options *options);
void appendPublishCommands(Buffer *buffer, const Options *options, int number);
void appendStreamHeaders(Buffer *buffer); /* onMetaData, AVC and AAC sequence headers */

/* Sockets, non-blocking, to 127.0.0.1. */
int openSocket(const Options *options);
bool sendWhole(int fd, const void *bytes, size_t length);
ptrdiff_t discard(int fd, size_t most); /* as recv, without copying out of the kernel */
void watch(int epoll, int operation, int fd, uint32_t events, uint32_t index);

/* Samples, and what to say of them; null in JSON where there are none. */
typedef struct {
  double *values;
  size_t count;
  size_t capacity;
} Samples;
void addSample(Samples *samples, double value);
double percentile(Samples *samples, double of100); /* sorts; NaN when empty */
void printNumber(const char *key, double value);
void printPercentiles(const char *key, Samples *samples);

#endif
