import type { ComponentChildren } from "preact";
import { type Order, orderAfter } from "../model/table.ts";

/** A column of a table. */
export interface Column<Name extends string> {
  readonly name: Name;
  readonly title: string;
  /** Numbers stand at the right, and the greatest comes first. */
  readonly isNumber?: boolean;
  /** Its rows have no order by it. */
  readonly isUnordered?: boolean;
  /** Left out where there is little room. */
  readonly isMinor?: boolean;
}

/** What a {@link Table} shows. */
export interface TableProps<Name extends string> {
  /** What it is a table of, for those who cannot see it. */
  readonly label: string;
  readonly columns: readonly Column<Name>[];
  readonly order?: Order<Name>;
  readonly onOrder?: (order: Order<Name>) => void;
  /** What stands in the place of rows where there are none. */
  readonly empty: ComponentChildren;
  /** Rows: `tr` elements with as many cells as there are columns. */
  readonly children: ComponentChildren;
  readonly count: number;
}

/** A table whose heads order it. */
export const Table = <Name extends string>(props: TableProps<Name>) => {
  const { label, columns, order, onOrder, empty, children, count } = props;
  return (
    <div class="table-frame">
      <table aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.name} column={column} order={order} onOrder={onOrder} />
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
      {count === 0 && <div class="empty">{empty}</div>}
    </div>
  );
};

interface HeadProps<Name extends string> {
  readonly column: Column<Name>;
  readonly order: Order<Name> | undefined;
  readonly onOrder: ((order: Order<Name>) => void) | undefined;
}

const Head = <Name extends string>({ column, order, onOrder }: HeadProps<Name>) => {
  const { name, title, isNumber = false, isUnordered = false, isMinor = false } = column;
  const style = [isNumber ? "number" : "", isMinor ? "minor" : ""].join(" ").trim();
  if (!order || !onOrder || isUnordered)
    return (
      <th scope="col" class={style}>
        {title}
      </th>
    );
  const isOrdering = order.column === name;
  const direction = order.isDescending ? "descending" : "ascending";
  return (
    <th scope="col" class={style} aria-sort={isOrdering ? direction : "none"}>
      <button
        type="button"
        class="head"
        onClick={() => onOrder(orderAfter(order, { column: name, isDescendingFirst: isNumber }))}
      >
        {title}
        <span aria-hidden="true" class="arrow">
          {isOrdering ? (order.isDescending ? "↓" : "↑") : ""}
        </span>
      </button>
    </th>
  );
};
