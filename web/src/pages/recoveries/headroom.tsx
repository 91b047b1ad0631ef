// How often the card networks would still let this card be tried.
import { Meter } from '@base-ui/react/meter';
import type { Schemas } from '../../api/client';
import * as format from '../../lib/format';
import { plain } from '../../lib/words';
import { Card, When } from '../../ui/parts';

type Budget = Schemas['NetworkBudget'];

const networks: Record<string, string> = {
  amex: 'American Express',
  jcb: 'JCB',
  unionpay: 'UnionPay',
  diners: 'Diners Club',
};

export function Headroom({ budgets, open }: { budgets: Budget[]; open: boolean }) {
  if (budgets.length === 0) {
    if (!open) return null;
    return (
      <Card title="Network limits">
        <p className="soft small">
          Which card this is becomes known with the first charge. Until then the strictest limit of all
          networks holds.
        </p>
      </Card>
    );
  }
  return (
    <Card title="Network limits" note="Tries that the card’s network still allows">
      <div className="budgets">
        {budgets.map((budget) => (
          <BudgetMeter key={`${budget.network} ${budget.windowHours}`} budget={budget} />
        ))}
      </div>
    </Card>
  );
}

function BudgetMeter({ budget }: { budget: Budget }) {
  const left = Math.max(0, budget.attemptsMax - budget.attemptsUsed);
  const name = networks[budget.network] ?? plain(budget.network);
  const window =
    budget.windowHours % 24 === 0 ? `${budget.windowHours / 24} days` : `${budget.windowHours} hours`;
  const level = left === 0 ? 'bad' : left <= budget.attemptsMax / 4 ? 'warn' : '';
  return (
    <div>
      <Meter.Root
        value={Math.min(budget.attemptsUsed, budget.attemptsMax)}
        max={budget.attemptsMax}
        getAriaValueText={() => `${budget.attemptsUsed} of ${budget.attemptsMax} tries in ${window} used`}
      >
        <div className="meter-head">
          <Meter.Label>
            {name}, {window}
          </Meter.Label>
          <span className="num soft">{format.count(left)} left</span>
        </div>
        <Meter.Track className="meter-track">
          <Meter.Indicator className={`meter-fill ${level}`} />
        </Meter.Track>
      </Meter.Root>
      {budget.freeAt && (
        <p className="small soft">
          Used up until <When at={budget.freeAt} />
        </p>
      )}
    </div>
  );
}
