import { ConfigError } from "../../base/errors.ts";
import { type Setting, textSetting } from "../../config/server/setting.ts";
import { PathTemplate } from "../machine/path-template.ts";

/** Paths with the id of a stream in them. An empty text is allowed unless `isRequired`. */
export const pathTemplateSetting = (
  doc: string,
  fallback: string,
  { isRequired = false } = {},
): Setting<string> =>
  textSetting(doc, fallback, {
    type: "path",
    isRequired,
    check: (text) => {
      if (text === "") throw new ConfigError("empty, expected a path such as live/{streamId}/in");
      new PathTemplate(text);
    },
  });
