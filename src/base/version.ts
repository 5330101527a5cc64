/** Set when the executable is built; a run from source has neither. */
declare const BUILD_VERSION: string | undefined;
declare const BUILD_COMMIT: string | undefined;
declare const BUILD_TARGET: string | undefined;

/** Version of this server. */
export const version: string = typeof BUILD_VERSION === "string" ? BUILD_VERSION : "dev";

/** All there is to know about this build, in one line: version, commit, Bun version, target. */
export const versionLine = (): string => {
  const commit = typeof BUILD_COMMIT === "string" ? BUILD_COMMIT : "source";
  const target = typeof BUILD_TARGET === "string" ? BUILD_TARGET : `${process.platform}-${process.arch}`;
  return `rtmp-server ${version} (commit ${commit}, Bun ${Bun.version}, ${target})`;
};
