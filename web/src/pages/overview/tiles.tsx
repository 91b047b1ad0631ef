// Three figures beside the large one.
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Breakdown } from '../../api/breakdown';
import type { Dashboard } from '../../api/queries';
import * as format from '../../lib/format';
import { change, rate, type Totals } from '../../lib/period';
import { IconDown, IconUp } from '../../ui/icons';

// Against the period before. Colored only where more is better, and never by color alone.
export function Delta({
  value,
  points = false,
  neutral = false,
}: {
  value: number | null;
  points?: boolean;
  neutral?: boolean;
}) {
  if (value === null) return null;
  const tone = neutral || value === 0 ? 'plain' : value > 0 ? 'good' : 'bad';
  const Icon = value >= 0 ? IconUp : IconDown;
  return (
    <span className={`delta num ${tone}`}>
      <Icon size={13} aria-hidden />
      {points ? `${format.signedCount(value * 100, 1)} pts` : format.signedPercent(value)}
      <span className="unseen"> against the period before</span>
    </span>
  );
}

const Tile = ({ label, figure, children }: { label: string; figure: ReactNode; children?: ReactNode }) => (
  <section className="card tile" aria-label={label}>
    <h2 className="soft">{label}</h2>
    <p className="tile-figure num">{figure}</p>
    <div className="tile-note small soft">{children}</div>
  </section>
);

interface TilesProps {
  dashboard: Dashboard;
  now: Totals;
  before: Totals;
  open: Breakdown['open'] | undefined;
}

export function Tiles({ dashboard, now, before, open }: TilesProps) {
  const share = rate(now.all.recoveredCount, now.all.failedCount);
  const shareBefore = rate(before.all.recoveredCount, before.all.failedCount);
  const { openRecoveries } = dashboard.stats;
  return (
    <div className="tiles">
      <Tile label="Recovery rate" figure={share === null ? '–' : format.percent(Math.min(1, share))}>
        <Delta value={share !== null && shareBefore !== null ? share - shareBefore : null} points />
        <span>
          {now.all.failedCount === 0
            ? 'No renewal failed in this period'
            : `${format.count(now.all.recoveredCount)} of ${format.count(now.all.failedCount)} failed renewals`}
        </span>
      </Tile>
      <Tile
        label="In recovery now"
        figure={
          <Link to="/recoveries?status=open" className="tile-link">
            {format.count(openRecoveries)}
          </Link>
        }
      >
        {open && open.length > 0 ? (
          <span className="tile-money">
            {open.slice(0, 3).map(({ currency, amount }) => (
              <span key={currency} className="num nowrap">
                {format.money(amount, currency)}
              </span>
            ))}
          </span>
        ) : (
          <span>{openRecoveries === 0 ? 'Nothing is open' : 'still being worked on'}</span>
        )}
      </Tile>
      <Tile label="E-mails sent" figure={format.count(now.all.emails)}>
        <Delta value={change(now.all.emails, before.all.emails)} neutral />
        <span>{format.count(now.all.attempts)} charges tried</span>
      </Tile>
    </div>
  );
}
