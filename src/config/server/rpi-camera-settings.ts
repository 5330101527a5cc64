import { ConfigError } from "../../base/errors.ts";
import { shownValue } from "../field.ts";
import { listSetting } from "./list-setting.ts";
import { decimalSetting, switchSetting, textSetting, wholeSetting } from "./setting.ts";

const whole = (doc: string, fallback: number) => wholeSetting(doc, fallback, { min: 0, max: 2 ** 32 - 1 });
const decimal = (doc: string, fallback: number) => decimalSetting(doc, fallback, { min: -1e6, max: 1e6 });

/** The camera of a Raspberry Pi, which is not served. */
export const rpiCameraSettings = {
  rpiCameraCamID: whole("number of the camera", 0),
  rpiCameraSecondary: switchSetting("a second stream of the camera of another path"),
  rpiCameraWidth: whole("width, in pixels", 1_920),
  rpiCameraHeight: whole("height, in pixels", 1_080),
  rpiCameraHFlip: switchSetting("flip left and right"),
  rpiCameraVFlip: switchSetting("flip top and bottom"),
  rpiCameraBrightness: decimal("brightness, -1 to 1", 0),
  rpiCameraContrast: decimal("contrast", 1),
  rpiCameraSaturation: decimal("saturation", 1),
  rpiCameraSharpness: decimal("sharpness", 1),
  rpiCameraExposure: textSetting("exposure mode", "normal"),
  rpiCameraAWB: textSetting("white balance mode", "auto"),
  rpiCameraAWBGains: listSetting("gains of red and blue", [0, 0], {
    type: "two numbers",
    jsonSchema: { type: "number" },
    length: 2,
    parse: (item) => {
      const given = typeof item === "string" && item !== "" ? Number(item) : item;
      if (typeof given !== "number" || !Number.isFinite(given))
        throw new ConfigError(`${shownValue(item)}, expected a number`);
      return given;
    },
  }),
  rpiCameraDenoise: textSetting("denoise mode", "off"),
  rpiCameraShutter: whole("shutter, in microseconds", 0),
  rpiCameraMetering: textSetting("metering mode", "centre"),
  rpiCameraGain: decimal("gain", 0),
  rpiCameraEV: decimal("exposure compensation, -10 to 10", 0),
  rpiCameraROI: textSetting("part of the picture: x,y,width,height"),
  rpiCameraHDR: switchSetting("high dynamic range"),
  rpiCameraTuningFile: textSetting("tuning file", "", { type: "file" }),
  rpiCameraMode: textSetting("sensor mode"),
  rpiCameraFPS: decimal("pictures per second", 30),
  rpiCameraAfMode: textSetting("autofocus mode", "continuous"),
  rpiCameraAfRange: textSetting("autofocus range", "normal"),
  rpiCameraAfSpeed: textSetting("autofocus speed", "normal"),
  rpiCameraLensPosition: decimal("lens position of manual focus", 0),
  rpiCameraAfWindow: textSetting("autofocus window"),
  rpiCameraFlickerPeriod: whole("period of flicker that is removed, in microseconds", 0),
  rpiCameraTextOverlayEnable: switchSetting("write text into the picture"),
  rpiCameraTextOverlay: textSetting("that text", "%Y-%m-%d %H:%M:%S - MediaMTX"),
  rpiCameraCodec: textSetting("codec", "auto"),
  rpiCameraIDRPeriod: whole("pictures between key frames", 60),
  rpiCameraBitrate: whole("bits per second", 5_000_000),
  rpiCameraH264Profile: textSetting("H264 profile", "main"),
  rpiCameraH264Level: textSetting("H264 level", "4.1"),
  rpiCameraMJPEGQuality: whole("quality of M-JPEG", 60),
};
