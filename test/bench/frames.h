/* What publishers send: one GOP of video, and one audio packet. Only time stamps differ between the sends. */
#ifndef FRAMES_H
#define FRAMES_H

#include "load.h"

/* One encoded message; its body begins at `bodyAt`. */
typedef struct {
  Buffer wire;
  size_t bodyAt;
} Frame;

extern Frame gop[FRAMES_PER_GOP];
extern Frame audioFrame;
extern double bodyBytesPerSecond; /* of one publisher, without chunk headers */

void encodeFrames(int kbps);

/* When a packet is due, in ns after the publisher's first one. */
int64_t videoAt(uint64_t number);
int64_t audioAt(uint64_t number);

#endif
