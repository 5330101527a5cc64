/** Text that a careless script or writer would run, split or cut. */
export const hostileTexts = [
  { name: "line ends", text: "a\nRTMP_EVENT_TYPE=fake\r\nb" },
  { name: "quotes", text: `it's "quoted" '' \\' \\"` },
  { name: "backticks", text: "`touch pwned`" },
  { name: "a command substitution", text: "$(touch pwned)$HOME" },
  { name: "shell operators", text: "; touch pwned & | > pwned # !! * ? ~ %s \\n" },
  { name: "a leading dash", text: "-rf /" },
  { name: "a way up", text: "live/../../etc/passwd" },
  { name: "control characters", text: "a\u0000b\u001b[31m\u007f\u009bc\t" },
  { name: "line ends of Unicode", text: "a\u2028b\u2029c" },
  { name: "half a surrogate pair", text: "a\ud83db" },
  { name: "four kilobytes", text: "é".repeat(2048) },
] as const;
