/** Leads to other pages of a list; nothing where there is only one. */
export const Pager = (props: {
  readonly page: number;
  readonly pages: number;
  readonly onPage: (page: number) => void;
}) => {
  const { page, pages, onPage } = props;
  if (pages <= 1) return null;
  return (
    <nav class="pager" aria-label="pages">
      <button type="button" disabled={page === 0} onClick={() => onPage(page - 1)}>
        ← Back
      </button>
      <span>
        Page {page + 1} of {pages}
      </span>
      <button type="button" disabled={page >= pages - 1} onClick={() => onPage(page + 1)}>
        Next →
      </button>
    </nav>
  );
};
