// Pages of a list behind an opaque cursor: the cursors passed so far are the way back. They belong to one
// filter; with another one the list begins again.
import { useState } from 'react';

export interface Paging {
  cursor: string | undefined;
  page: number;
  next(cursor: string): void;
  previous(): void;
}

export function usePaging(filter: string): Paging {
  const [state, setState] = useState<{ filter: string; cursors: string[] }>({ filter, cursors: [] });
  const cursors = state.filter === filter ? state.cursors : [];
  return {
    cursor: cursors.at(-1),
    page: cursors.length + 1,
    next: (cursor) => setState({ filter, cursors: [...cursors, cursor] }),
    previous: () => setState({ filter, cursors: cursors.slice(0, -1) }),
  };
}
