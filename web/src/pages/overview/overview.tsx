// The first page: how much came back, how, what is open, and whether everything runs.
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useBreakdown } from '../../api/breakdown';
import { useDailyMetrics, useDashboard, type Dashboard } from '../../api/queries';
import * as format from '../../lib/format';
import { periodEnding, sum } from '../../lib/period';
import { useFailure } from '../../lib/use-failure';
import { Choice } from '../../ui/choice';
import { Card, Loading, PageHead } from '../../ui/parts';
import { ConnectPanel, LoadError } from './states';
import { Causes, Families } from './reasons';
import { Hero } from './hero';
import { LatestActivity, MailFunnel, PlanUsage, QueueHealth } from './panels';
import { Tiles } from './tiles';

const ranges = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
];

export default function Overview() {
  const dashboard = useDashboard();
  const failure = useFailure(dashboard);
  if (failure) return <LoadError error={failure} retry={() => dashboard.refetch()} />;
  if (!dashboard.data) return <Waiting />;
  return <Loaded dashboard={dashboard.data} stale={dashboard.isError} />;
}

function Loaded({ dashboard, stale }: { dashboard: Dashboard; stale: boolean }) {
  const [params, setParams] = useSearchParams();
  const range = ranges.some((each) => each.value === params.get('days'))
    ? (params.get('days') as string)
    : '30';
  const period = periodEnding(dashboard.asOf.slice(0, 10), Number(range));
  const daily = useDailyMetrics(period.previousFrom, period.to);
  const breakdown = useBreakdown(period.from, period.to);
  const [chosen, setChosen] = useState('');

  const now = sum(daily.data?.data ?? [], period.from, period.to);
  const before = sum(daily.data?.data ?? [], period.previousFrom, dayBefore(period.from));
  const currencies = currenciesOf([now.byCurrency, before.byCurrency], dashboard);
  const currency = currencies.includes(chosen) ? chosen : (currencies[0] ?? '');
  const never = dashboard.stats.lastProcessedAt === null;

  return (
    <>
      <PageHead title="Overview" intro={<Fresh dashboard={dashboard} stale={stale} />}>
        <Choice
          label="Period"
          value={range}
          options={ranges}
          onChange={(days) => setParams(days === '30' ? {} : { days }, { replace: true })}
        />
      </PageHead>
      {!dashboard.merchant.stripeConnected && <ConnectPanel merchant={dashboard.merchant} />}
      {never && dashboard.merchant.stripeConnected && <NothingYet />}
      <div className="overview">
        <Hero
          period={period}
          rows={daily.data?.data}
          currencies={currencies}
          currency={currency}
          onCurrency={setChosen}
          now={now}
          before={before}
        />
        <Tiles dashboard={dashboard} now={now} before={before} open={breakdown.data?.open} />
        <Causes breakdown={breakdown.data} currency={currency} />
        <Families breakdown={breakdown.data} currency={currency} />
        <MailFunnel totals={now.all} breakdown={breakdown.data} />
        <QueueHealth stats={dashboard.stats} />
        <PlanUsage usage={dashboard.usage} plan={dashboard.merchant.plan} />
        <LatestActivity activity={dashboard.recentActivity} />
      </div>
    </>
  );
}

const dayBefore = (date: string) =>
  new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

// Those with money in them, the busiest first.
function currenciesOf(
  sums: Map<string, { failedCount: number; recoveredCount: number }>[],
  dashboard: Dashboard,
) {
  const weight = new Map<string, number>();
  for (const each of sums) {
    for (const [currency, own] of each) {
      weight.set(currency, (weight.get(currency) ?? 0) + own.failedCount + own.recoveredCount);
    }
  }
  for (const { currency } of dashboard.stats.recovered) if (!weight.has(currency)) weight.set(currency, 0);
  return [...weight].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([currency]) => currency);
}

const Fresh = ({ dashboard, stale }: { dashboard: Dashboard; stale: boolean }) => (
  <span className="fresh">
    <span className={`pulse ${stale ? 'off' : ''}`} aria-hidden="true" />
    {stale ? 'The engine does not answer just now; these are the last figures' : 'Live'}
    <span className="faint"> · as of {format.dayAndTime(dashboard.asOf)}</span>
  </span>
);

const NothingYet = () => (
  <Card className="nothing-yet">
    <h2>Connected, and nothing has failed yet</h2>
    <p className="soft">
      The moment a renewal of yours fails, it shows up here: why it failed, what we do about it, and when.
      Until then there is nothing you need to do.
    </p>
  </Card>
);

const Waiting = () => (
  <>
    <PageHead title="Overview" />
    <Card>
      <Loading what="the figures" lines={7} height={22} />
    </Card>
  </>
);
