/** Set when the executable is built; a run from source has neither. */
declare const BUILD_VERSION: string | undefined;
declare const BUILD_COMMIT: string | undefined;
declare const BUILD_TARGET: string | undefined;

/** Version of this server. */
export const version: string = typeof BUILD_VERSION === "string" ? BUILD_VERSION : "dev";

const commit = typeof BUILD_COMMIT === "string" ? BUILD_COMMIT : "source";
const target = typeof BUILD_TARGET === "string" ? BUILD_TARGET : `${process.platform}-${process.arch}`;

/** All there is to know about this build, by name. */
export const build = { version, commit, bun: Bun.version, target } as const;

/** All there is to know about this build, in one line. */
export const versionLine = (): string =>
  `rtmp-server ${version} (commit ${commit}, Bun ${Bun.version}, ${target})`;

/** Whether this runs as the executable, where all modules lie in one folder beside the main one. */
export const isExecutable: boolean = typeof BUILD_TARGET === "string";
