/* The frames every publisher sends, in the sizes an encoder at a constant bit rate gives them. */
#include "frames.h"

#include <stdlib.h>

enum { AUDIO_BYTES = 370, AUDIO_RATE = 44100, AUDIO_SAMPLES = 1024, KEY_FRAME_RATIO = 8 };

Frame gop[FRAMES_PER_GOP], audioFrame;
double bodyBytesPerSecond;

int64_t videoAt(uint64_t number) { return (int64_t)(number * GOP_MS * NS_PER_MS / FRAMES_PER_GOP); }
int64_t audioAt(uint64_t number) { return (int64_t)(number * AUDIO_SAMPLES * NS_PER_S / AUDIO_RATE); }

/* Between 0.5 and 1.5 of the mean: 37 permutes the 59 inter frames. */
static size_t interFrameBytes(double mean, int frame) {
  return (size_t)(mean * (0.5 + (double)(frame * 37 % (FRAMES_PER_GOP - 1)) / (FRAMES_PER_GOP - 2)));
}

static void encodeVideo(int number, size_t bytes) {
  bool key = number == 0;
  Buffer body = {0};
  appendUint(&body, key ? 0x17 : 0x27, 1);
  appendUint(&body, 1, 1);
  appendUint(&body, 0, 3);
  appendUint(&body, bytes - 9, 4);
  appendUint(&body, key ? 0x65 : 0x41, 1);
  for (uint32_t noise = 1; body.length < bytes; noise = noise * 1664525 + 1013904223) appendUint(&body, noise >> 24 | 1, 1);
  int64_t before = key ? 0 : videoAt((uint64_t)number - 1) / NS_PER_MS;
  uint32_t delta = (uint32_t)(videoAt((uint64_t)number) / NS_PER_MS - before);
  appendMessage(&gop[number].wire,
                (MessageHead){.chunkStream = 6, .type = 9, .messageStream = 1, .delta = !key, .timestamp = delta},
                &body, PUBLISHED_CHUNK_SIZE);
  gop[number].bodyAt = key ? 12 : 8;
  bodyBytesPerSecond += (double)body.length * 1000 / GOP_MS;
  free(body.bytes);
}

void encodeFrames(int kbps) {
  double audioPerSecond = (double)AUDIO_BYTES * AUDIO_RATE / AUDIO_SAMPLES;
  double videoPerGop = (kbps * 125.0 - audioPerSecond) * GOP_MS / 1000;
  double mean = videoPerGop / (FRAMES_PER_GOP - 1 + KEY_FRAME_RATIO);
  bodyBytesPerSecond = audioPerSecond;
  encodeVideo(0, (size_t)(mean * KEY_FRAME_RATIO));
  for (int frame = 1; frame < FRAMES_PER_GOP; frame++) encodeVideo(frame, interFrameBytes(mean, frame));

  Buffer body = {0};
  appendUint(&body, 0xaf01, 2);
  while (body.length < AUDIO_BYTES) appendUint(&body, body.length * 73 & 0xff, 1);
  appendMessage(&audioFrame.wire, (MessageHead){.chunkStream = 4, .type = 8, .delta = true}, &body, PUBLISHED_CHUNK_SIZE);
  free(body.bytes);
}
