import { protocolOf } from "../model/protocols.ts";

/** How many read a stream, and by what. */
export const Readers = ({ readers }: { readonly readers: Readonly<Record<string, number>> }) => {
  const counts = Object.entries(readers);
  const sum = counts.reduce((total, [, count]) => total + count, 0);
  return (
    <span>
      {counts.map(([type, count]) => (
        <span key={type} class="badge">
          {protocolOf(type)} {counts.length > 1 ? count : ""}
        </span>
      ))}{" "}
      {sum}
    </span>
  );
};
