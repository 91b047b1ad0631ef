// Who brought the money back, and why renewals had failed.
import type { Breakdown } from '../../api/breakdown';
import { Bars, Shares, type Bar } from '../../charts/bars';
import * as format from '../../lib/format';
import { causes, causeWords, familyWords, plain } from '../../lib/words';
import { Card, Empty, Skeleton } from '../../ui/parts';

interface Props {
  breakdown: Breakdown | undefined;
  currency: string;
}

const colors: Record<string, string> = {
  retry: 'var(--cause-1)',
  customer_after_mail: 'var(--cause-2)',
  customer: 'var(--cause-3)',
  stripe_retry: 'var(--cause-4)',
};

export function Causes({ breakdown, currency }: Props) {
  const rows = breakdown?.causes.filter((row) => row.currency === currency) ?? [];
  const known = Object.keys(causes);
  const names = [...known, ...rows.map((row) => row.cause).filter((cause) => !known.includes(cause))];
  const bars: Bar[] = names.map((name) => {
    const row = rows.find((each) => each.cause === name);
    return {
      key: name,
      label: causeWords(name),
      help: name in causes ? causes[name as keyof typeof causes].help : undefined,
      value: row?.amount ?? 0,
      text: currency ? format.money(row?.amount ?? 0, currency) : '–',
      color: colors[name] ?? 'var(--cause-5)',
    };
  });
  return (
    <Card title="What brought it back" note="Recovered money by cause" className="half">
      {!breakdown ? (
        <Skeleton lines={5} />
      ) : rows.length === 0 ? (
        <Empty title="Nothing came back in this period yet" />
      ) : (
        <Shares bars={bars} />
      )}
    </Card>
  );
}

export function Families({ breakdown, currency }: Props) {
  const rows = breakdown?.declineFamilies.filter((row) => row.currency === currency) ?? [];
  const bars: Bar[] = [...rows]
    .sort((a, b) => b.amount - a.amount)
    .map((row) => ({
      key: row.family,
      label: familyWords[row.family]?.label ?? plain(row.family),
      help: familyWords[row.family]?.help,
      value: row.amount,
      text: format.money(row.amount, row.currency),
      aside: `${format.percent(row.amount > 0 ? Math.min(1, row.recoveredAmount / row.amount) : 0, 0)} back`,
      part: row.recoveredAmount,
    }));
  return (
    <Card
      title="Why renewals failed"
      note="Money at risk by kind of decline, and how much of it came back"
      className="half"
    >
      {!breakdown ? (
        <Skeleton lines={5} />
      ) : bars.length === 0 ? (
        <Empty title="No declines in this period" />
      ) : (
        <Bars bars={bars} />
      )}
    </Card>
  );
}
