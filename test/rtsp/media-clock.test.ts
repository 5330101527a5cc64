import { describe, expect, test } from "bun:test";
import { MediaClock } from "../../src/rtsp/media-clock.ts";

describe("the clock of a session", () => {
  test("begins with the first packet, and goes by RTP time from there", () => {
    const track = new MediaClock().track(90000);
    expect(track.at(1000, 50_000)).toBe(1000);
    expect(track.at(1000 + 3600, 50_100)).toBe(1040);
    expect(track.at(1000 - 3600, 50_200)).toBe(960);
  });

  test("goes over the wrap of RTP time, forth and back", () => {
    const track = new MediaClock().track(90000);
    expect([0xffffff00, 0x00000100, 0xffffff00, 0x00010000].map((time) => track.at(time, 0))).toEqual([
      1000,
      1000 + 512 / 90,
      1000,
      1000 + 65792 / 90,
    ]);
  });

  test("puts tracks together by their arrival where nothing better is known", () => {
    const clock = new MediaClock();
    const [video, audio] = [clock.track(90000), clock.track(48000)];
    expect(video.at(5, 200)).toBe(1000);
    expect(audio.at(77, 230)).toBe(1030);
  });

  test("puts them together by sender reports, at once where these come first", () => {
    const clock = new MediaClock();
    const [video, audio] = [clock.track(90000), clock.track(48000)];
    video.report(90_000, 1_700_000_000_000);
    audio.report(48_000, 1_700_000_000_100);
    expect(video.at(90_000, 200)).toBe(1000);
    // It arrives late, but belongs 100 ms behind the video.
    expect(audio.at(48_000, 990)).toBe(1100);
  });

  test("moves a track by steps too small to be heard where reports come later", () => {
    const clock = new MediaClock();
    const [video, audio] = [clock.track(90000), clock.track(48000)];
    video.at(0, 0);
    expect(audio.at(0, 30)).toBe(1030);
    video.report(0, 500_000);
    audio.report(0, 500_000);
    const times = Array.from({ length: 40 }, (_, index) => audio.at(960 * (index + 1), 0));
    for (let i = 1; i < times.length; i += 1) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(19);
    expect(times.at(-1)).toBe(1000 + 20 * 40);
  });

  test("leaves reports alone that are far from everything", () => {
    const clock = new MediaClock();
    const [video, audio] = [clock.track(90000), clock.track(48000)];
    video.report(0, 0);
    audio.report(0, 999_999_999);
    expect(video.at(0, 0)).toBe(1000);
    expect(audio.at(0, 30)).toBe(1030);
    expect(audio.at(960, 30)).toBe(1050);
  });

  test("puts tracks together by RTP-Info, unless that has nothing to do with the packets", () => {
    const clock = new MediaClock();
    const [video, audio, odd] = [clock.track(90000), clock.track(48000), clock.track(90000)];
    video.anchor(9000);
    audio.anchor(100);
    odd.anchor(1);
    expect(video.at(9000, 100)).toBe(1000);
    expect(audio.at(100 + 480, 200)).toBe(1010);
    expect(odd.at(90_000_000, 130)).toBe(1030);
  });

  test("goes on where a sender begins anew, and waits where it pauses", () => {
    const track = new MediaClock().track(90000);
    track.at(90_000, 0);
    expect(track.at(900_000_000, 40)).toBe(1040);
    expect(track.at(900_003_600, 80)).toBe(1080);
    expect(track.at(5, 120)).toBe(1120);
    // A minute without a packet, in RTP time as on the clock; then a minute on the clock alone: it was sent late.
    expect(track.at(5 + 60 * 90_000, 60_120)).toBe(61_120);
    expect(track.at(5 + 60 * 90_000 + 3600, 120_120)).toBe(61_160);
  });
});
