import type { ComponentChildren } from 'preact';

export interface Column {
  /** Empty for a column of buttons. */
  readonly label: string;
  /** Numbers: right-aligned, digits of one width. */
  readonly figure?: boolean;
}

interface TableParts {
  /** What the table lists, for who cannot see where it stands. */
  readonly caption: string;
  readonly columns: readonly Column[];
  /** One list of cells for each row, in the order of the columns. */
  readonly rows: readonly (readonly ComponentChildren[])[];
  /** On a phone the action of a row, its last cell, stands beside the others. */
  readonly compact?: boolean;
}

/** On a phone each row stands as a block of its own; the roles say that it is a table all the same. */
export function Table({ caption, columns, rows, compact = false }: TableParts) {
  return (
    <table role="table" class={compact ? 'compact' : undefined}>
      <caption class="unseen">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ label, figure }) => (
            <th scope="col" role="columnheader" class={figure ? 'figure' : undefined}>
              {label === '' ? <span class="unseen">Actions</span> : label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((cells) => (
          <Row columns={columns} cells={cells} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ columns, cells }: { columns: readonly Column[]; cells: readonly ComponentChildren[] }) {
  return (
    <tr role="row">
      {columns.map(({ label, figure }, i) => (
        <td role="cell" data-label={label} class={figure ? 'figure' : undefined}>
          {/* One element, since the row of a phone sets the label beside it. */}
          <div>{cells[i]}</div>
        </td>
      ))}
    </tr>
  );
}
