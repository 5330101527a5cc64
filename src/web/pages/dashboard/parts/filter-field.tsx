/** Where words are typed that rows have to hold. The slash key leads to it. */
export const FilterField = (props: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}) => (
  <input
    type="search"
    class="filter"
    data-filter
    aria-label={props.label}
    aria-keyshortcuts="/"
    placeholder={`${props.label}  ( / )`}
    value={props.value}
    onInput={(event) => props.onInput(event.currentTarget.value)}
  />
);
