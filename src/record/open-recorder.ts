import type { Logger } from "../base/log.ts";
import type { StreamPath } from "../base/stream-path.ts";
import { type FileNaming, recordingExtension } from "./file-name.ts";
import { FlvRecorder } from "./flv-recorder.ts";
import { fmp4Format } from "./fmp4-format.ts";
import type { RecordConf } from "./path-conf.ts";
import { RecordPath } from "./record-path.ts";
import type { RecordedFileContext } from "./recorded-file.ts";
import type { Recorder } from "./recorder.ts";
import type { SegmentFormat } from "./segment-format.ts";
import { SegmentRecorder } from "./segment-recorder.ts";
import { tsFormat } from "./ts-format.ts";

/** What a recorder needs of the house around it. */
export interface OpenRecorderContext extends RecordedFileContext {
  readonly log: Logger;
  /** Name and version of this program, for the files' metadata. */
  readonly encoder: string;
}

const formats: Readonly<Record<Exclude<RecordConf["recordFormat"], "flv">, SegmentFormat>> = {
  fmp4: fmp4Format,
  mpegts: tsFormat,
};

/** Names by a template: while one is taken, the next moment's is tried, so that every name can be read back. */
const namesBy = (template: string, extension: string): FileNaming => {
  const recordPath = new RecordPath(template);
  return ({ path, date }, number) => {
    const start = date.getTime() * 1_000 + (number - 1) * recordPath.step;
    return recordPath.fileOf({ path, start }, extension);
  };
};

/** The recorder that the configuration of a path asks for. */
export const openRecorder = (path: StreamPath, conf: RecordConf, context: OpenRecorderContext): Recorder => {
  const segmentMs = conf.recordSegmentDuration;
  if (conf.recordFormat === "flv")
    return new FlvRecorder(path, {
      ...context,
      nameFile: namesBy(conf.recordPath, recordingExtension),
      segmentMs,
    });
  const format = formats[conf.recordFormat];
  return new SegmentRecorder(path, {
    ...context,
    format,
    nameFile: namesBy(conf.recordPath, format.extension),
    segmentMs,
    partMs: conf.recordPartDuration,
    maxPartBytes: conf.recordMaxPartSize,
  });
};
