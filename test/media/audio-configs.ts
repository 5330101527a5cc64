import type { ConfigFixture } from "./video-configs.ts";

/*
 * Made with FFmpeg 5.1.9 (its own encoders, libopus 1.3, libmp3lame 3.100):
 *
 *   ffmpeg -f lavfi -i <source filter> -t 0.3 <options> <file>
 *   ffprobe -show_streams -show_data <file>
 *
 * `hex` is the extradata, or the first bytes of the file where there is none. The track holds what ffprobe prints.
 */

export const audioConfigs: readonly ConfigFixture[] = [
  {
    name: "AAC stereo",
    source: "sine=sample_rate=48000 -af aformat=channel_layouts=stereo -c:a aac",
    hex: "119056e500",
    track: {
      kind: "audio",
      codec: "AAC",
      codecString: "mp4a.40.2",
      profile: "LC",
      sampleRate: 48000,
      channels: 2,
    },
  },
  {
    name: "AAC mono",
    source: "sine=sample_rate=44100 -af aformat=channel_layouts=mono -c:a aac",
    hex: "120856e500",
    track: {
      kind: "audio",
      codec: "AAC",
      codecString: "mp4a.40.2",
      profile: "LC",
      sampleRate: 44100,
      channels: 1,
    },
  },
  {
    name: "AAC 5.1",
    source: "sine=sample_rate=48000 -af aformat=channel_layouts=5.1 -c:a aac",
    hex: "11b056e500",
    track: {
      kind: "audio",
      codec: "AAC",
      codecString: "mp4a.40.2",
      profile: "LC",
      sampleRate: 48000,
      channels: 6,
    },
  },
  {
    name: "AAC 7.1",
    source: "sine=sample_rate=48000 -af aformat=channel_layouts=7.1 -c:a aac",
    hex: "11b856e500",
    track: {
      kind: "audio",
      codec: "AAC",
      codecString: "mp4a.40.2",
      profile: "LC",
      sampleRate: 48000,
      channels: 8,
    },
  },
  {
    name: "AAC 2.1 by program config element",
    source: "sine=sample_rate=48000 -af aformat=channel_layouts=2.1 -c:a aac",
    hex: "118004c4010020000d4c61766335392e33372e31303056e500",
    track: {
      kind: "audio",
      codec: "AAC",
      codecString: "mp4a.40.2",
      profile: "LC",
      sampleRate: 48000,
      channels: 3,
    },
  },
  {
    name: "AAC 6.1 by program config element",
    source: "sine=sample_rate=48000 -af aformat=channel_layouts=6.1 -c:a aac",
    hex: "118004c848002000c4400d4c61766335392e33372e31303056e500",
    track: {
      kind: "audio",
      codec: "AAC",
      codecString: "mp4a.40.2",
      profile: "LC",
      sampleRate: 48000,
      channels: 7,
    },
  },
  {
    name: "AAC Main",
    source:
      "sine=sample_rate=32000 -af aformat=channel_layouts=stereo -c:a aac -profile:a aac_main -strict -2",
    hex: "0a9056e500",
    track: {
      kind: "audio",
      codec: "AAC",
      codecString: "mp4a.40.1",
      profile: "Main",
      sampleRate: 32000,
      channels: 2,
    },
  },
  {
    name: "AAC at 96 kHz",
    source: "sine=sample_rate=96000 -af aformat=channel_layouts=stereo -c:a aac",
    hex: "101056e500",
    track: {
      kind: "audio",
      codec: "AAC",
      codecString: "mp4a.40.2",
      profile: "LC",
      sampleRate: 96000,
      channels: 2,
    },
  },
  {
    name: "Opus stereo",
    source: "sine=sample_rate=48000 -af aformat=channel_layouts=stereo -c:a libopus",
    hex: "4f707573486561640102380180bb0000000000",
    track: { kind: "audio", codec: "Opus", codecString: "opus", sampleRate: 48000, channels: 2 },
  },
  {
    name: "Opus mono of 16 kHz",
    source: "sine=sample_rate=16000 -af aformat=channel_layouts=mono -c:a libopus",
    hex: "4f7075734865616401013801803e0000000000",
    track: { kind: "audio", codec: "Opus", codecString: "opus", sampleRate: 48000, channels: 1 },
  },
  {
    name: "Opus 5.1",
    source: "sine=sample_rate=48000 -af aformat=channel_layouts=5.1 -c:a libopus",
    hex: "4f707573486561640106380180bb00000000010402000401020305",
    track: { kind: "audio", codec: "Opus", codecString: "opus", sampleRate: 48000, channels: 6 },
  },
  {
    name: "MP3 stereo",
    source: "sine=sample_rate=44100 -af aformat=channel_layouts=stereo -c:a libmp3lame -write_xing 0",
    hex: "fffb90640000026b0bce9d60600000000d20a00001166545",
    track: { kind: "audio", codec: "MP3", codecString: "mp4a.6B", sampleRate: 44100, channels: 2 },
  },
  {
    name: "MP3 of MPEG-2",
    source: "sine=sample_rate=22050 -af aformat=channel_layouts=mono -c:a libmp3lame -write_xing 0",
    hex: "fff340c400133062843f4f18000bd6dbb60879a6699a669a",
    track: { kind: "audio", codec: "MP3", codecString: "mp4a.69", sampleRate: 22050, channels: 1 },
  },
  {
    name: "MP3 of MPEG-2.5",
    source: "sine=sample_rate=8000 -af aformat=channel_layouts=mono -c:a libmp3lame -write_xing 0",
    hex: "ffe318c4000af006d5b9410002ff4770db60060f83e0fbd4",
    track: { kind: "audio", codec: "MP3", codecString: "mp4a.69", sampleRate: 8000, channels: 1 },
  },
  {
    name: "AC-3 5.1",
    source: "sine=sample_rate=48000 -af aformat=channel_layouts=5.1 -c:a ac3",
    hex: "0b77b50b1e40ebf8403eff99ff0841fc3f87f0dd5c3e86fb",
    track: { kind: "audio", codec: "AC3", codecString: "ac-3", sampleRate: 48000, channels: 6 },
  },
  {
    name: "AC-3 mono",
    source: "sine=sample_rate=32000 -af aformat=channel_layouts=mono -c:a ac3",
    hex: "0b77952f8c402f842bf1cefab0fdf3f7cfa1be7cf9f577cf",
    track: { kind: "audio", codec: "AC3", codecString: "ac-3", sampleRate: 32000, channels: 1 },
  },
  {
    name: "AC-3 stereo",
    source: "sine=sample_rate=44100 -af aformat=channel_layouts=stereo -c:a ac3",
    hex: "0b77c2ea544043e106f575f0c0c218187fd7b8f9f3e7cf9f",
    track: { kind: "audio", codec: "AC3", codecString: "ac-3", sampleRate: 44100, channels: 2 },
  },
  {
    name: "E-AC-3 5.1",
    source: "sine=sample_rate=48000 -af aformat=channel_layouts=5.1 -c:a eac3",
    hex: "0b77037f3f87c00020f820000200400004001fcc7e0107e1",
    track: { kind: "audio", codec: "EAC3", codecString: "ec-3", sampleRate: 48000, channels: 6 },
  },
  {
    name: "E-AC-3 stereo",
    source: "sine=sample_rate=44100 -af aformat=channel_layouts=stereo -c:a eac3",
    hex: "0b7701a07487c000208401003900ae0606018187bdc7cf9f",
    track: { kind: "audio", codec: "EAC3", codecString: "ec-3", sampleRate: 44100, channels: 2 },
  },
  {
    name: "E-AC-3 of 4 channels",
    source: "sine=sample_rate=48000 -af aformat=channel_layouts=quad(side) -c:a eac3",
    hex: "0b7702ff3c87c00020842000420003b01f780c0c03030fc3",
    track: { kind: "audio", codec: "EAC3", codecString: "ec-3", sampleRate: 48000, channels: 4 },
  },
  {
    name: "FLAC stereo",
    source: "sine=sample_rate=44100 -af aformat=channel_layouts=stereo -c:a flac",
    hex: "1200120000046d0005080ac442f0000033ae36567c6137e8d578c431ed191fd85ff5",
    track: { kind: "audio", codec: "FLAC", codecString: "flac", sampleRate: 44100, channels: 2 },
  },
  {
    name: "FLAC 5.1 at 96 kHz",
    source: "sine=sample_rate=96000 -af aformat=channel_layouts=5.1 -c:a flac -sample_fmt s32",
    hex: "200020000004b00008a817700b70000070805ed184c835458f440be780b4e93dc968",
    track: { kind: "audio", codec: "FLAC", codecString: "flac", sampleRate: 96000, channels: 6 },
  },
];
