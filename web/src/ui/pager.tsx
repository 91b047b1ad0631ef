import type { Paging } from '../lib/paging';
import { Button } from './button';
import { IconNext, IconPrevious } from './icons';

interface Props {
  paging: Paging;
  nextCursor: string | null | undefined;
  busy: boolean;
}

// Nothing at all where everything fits on one page.
export function Pager({ paging, nextCursor, busy }: Props) {
  if (paging.page === 1 && !nextCursor) return null;
  return (
    <nav className="pager" aria-label="Pages">
      <span className="faint small num" aria-live="polite">
        Page {paging.page}
      </span>
      <span className="pager-buttons">
        <Button
          className="slim"
          icon={<IconPrevious size={15} aria-hidden />}
          disabled={paging.page === 1}
          onClick={() => paging.previous()}
        >
          Newer
        </Button>
        <Button
          className="slim"
          busy={busy && Boolean(nextCursor)}
          disabled={!nextCursor}
          onClick={() => nextCursor && paging.next(nextCursor)}
        >
          Older
          <IconNext size={15} aria-hidden />
        </Button>
      </span>
    </nav>
  );
}
