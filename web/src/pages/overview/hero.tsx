// The figure that counts: what came back in this period, against the one before, and day by day.
import { lazy, Suspense, useState } from 'react';
import type { DailyMetrics } from '../../api/queries';
import * as format from '../../lib/format';
import { change, days, type Period, type Totals } from '../../lib/period';
import { Choice } from '../../ui/choice';
import { Card, Empty, Skeleton } from '../../ui/parts';
import { Delta } from './tiles';

const MoneyChart = lazy(() => import('../../charts/money-chart'));

interface HeroProps {
  period: Period;
  rows: DailyMetrics[] | undefined;
  currencies: string[];
  currency: string;
  onCurrency(currency: string): void;
  now: Totals;
  before: Totals;
}

export function Hero({ period, rows, currencies, currency, onCurrency, now, before }: HeroProps) {
  const [shape, setShape] = useState<'daily' | 'total'>('daily');
  const own = now.byCurrency.get(currency);
  const amount = own?.recovered ?? 0;
  const parts = currency ? format.moneyParts(amount, currency) : { main: '–', rest: '' };
  return (
    <Card className="hero">
      <div className="hero-head">
        <div>
          <h2 className="soft">Recovered in {period.days} days</h2>
          <p className="hero-figure num" data-testid="recovered">
            {parts.main}
            <span className="hero-rest">{parts.rest}</span>
          </p>
          {currency && (
            <p className="hero-note">
              <Delta value={change(amount, before.byCurrency.get(currency)?.recovered ?? 0)} />
              <span className="faint">
                {format.money(before.byCurrency.get(currency)?.recovered ?? 0, currency)} in the {period.days}{' '}
                days before
              </span>
            </p>
          )}
        </div>
        <div className="hero-side">
          {currencies.length > 1 && (
            <Choice
              label="Currency"
              value={currency}
              options={currencies.map((each) => ({ value: each, label: each.toUpperCase() }))}
              onChange={onCurrency}
            />
          )}
          <Choice<'daily' | 'total'>
            label="Shape of the chart"
            value={shape}
            options={[
              { value: 'daily', label: 'By day' },
              { value: 'total', label: 'Added up' },
            ]}
            onChange={setShape}
          />
        </div>
      </div>
      <p className="chart-legend small soft">
        <span>
          <i className="key recovered" aria-hidden="true" /> Recovered
        </span>
        <span>
          <i className="key failed" aria-hidden="true" /> At risk: renewals that failed
        </span>
      </p>
      {!rows ? (
        <Skeleton lines={8} height={18} />
      ) : currency ? (
        <Suspense fallback={<div className="chart-area" />}>
          <MoneyChart
            points={days(rows, period, currency, shape === 'total')}
            currency={currency}
            label={`Failed and recovered money in ${currency.toUpperCase()}, ${format.bookDay(period.from)} to ${format.bookDay(period.to)}`}
          />
        </Suspense>
      ) : (
        <Empty title="No failed renewals in this period">
          Money that is at risk, and what came back, is drawn here.
        </Empty>
      )}
      {currencies.length > 1 && (
        <ul className="hero-others" aria-label="Recovered by currency">
          {currencies.map((each) => (
            <li key={each}>
              <span className="faint small">{each.toUpperCase()}</span>
              <span className="num">{format.money(now.byCurrency.get(each)?.recovered ?? 0, each)}</span>
              <Delta
                value={change(
                  now.byCurrency.get(each)?.recovered ?? 0,
                  before.byCurrency.get(each)?.recovered ?? 0,
                )}
              />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
