/** A Session header. RFC 2326 12.37. */
export type SessionHeader = {
  readonly id: string;
  /** Seconds without a request after which the server ends the session; 60 unless it says another number. */
  readonly timeoutSeconds: number;
};

const defaultTimeoutSeconds = 60;

/** Reads a Session header of a request or an answer; undefined where there is no id. Never throws. */
export const parseSessionHeader = (value: string): SessionHeader | undefined => {
  const [id = "", ...parameters] = value.split(";").map((part) => part.trim());
  if (id === "" || id.length > 256) return undefined;
  const [timeout] = parameters.flatMap((each) => /^timeout\s*=\s*(\d{1,9})/i.exec(each)?.[1] ?? []);
  return { id, timeoutSeconds: Number(timeout ?? 0) || defaultTimeoutSeconds };
};

/** The header's value for an answer. */
export const formatSessionHeader = ({ id, timeoutSeconds }: SessionHeader): string =>
  `${id};timeout=${timeoutSeconds}`;
