/** The words of a line of a shell, as far as pages of ours go: quotes, no variables. It ends at a pipe, a redirection, `&` and a comment. */
export const shellWords = (line: string): string[] => {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    if (/^(?:\||>|<|2>|&|;|#)/.test(word)) break;
    words.push(word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"));
  }
  return words;
};

/** What stands behind `rtmp-server` in the command lines of a page: what begins a line of a block that is indented or fenced, or of a comment in a file. */
export const commandLinesOf = (page: string): string[] =>
  [...page.replaceAll(/\\\n\s*/g, "").matchAll(/^(?: {4}|# {3}|)rtmp-server (.*)$/gm)].map(
    ([, line = ""]) => line,
  );
