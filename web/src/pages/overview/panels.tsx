// Mail, queue, plan, and what happened last.
import { Meter } from '@base-ui/react/meter';
import { Link } from 'react-router';
import type { Breakdown } from '../../api/breakdown';
import type { Activity, Dashboard, Merchant, Stats } from '../../api/queries';
import { Bars } from '../../charts/bars';
import * as format from '../../lib/format';
import { useEngineNow } from '../../lib/now';
import { rate, type Sums } from '../../lib/period';
import { activityWords } from '../../lib/words';
import { Badge, Card, Empty } from '../../ui/parts';

const share = (part: number, whole: number) => {
  const value = rate(part, whole);
  return value === null ? undefined : format.percent(Math.min(1, value), 0);
};

export function MailFunnel({ totals, breakdown }: { totals: Sums; breakdown: Breakdown | undefined }) {
  const { emails, opens, clicks } = totals;
  const paid = breakdown?.causes
    .filter((row) => row.cause === 'customer_after_mail')
    .reduce((n, row) => n + row.count, 0);
  return (
    <Card title="E-mails" note="From sent to paid">
      {emails === 0 ? (
        <Empty title="No e-mail in this period">We write only when the customer can help.</Empty>
      ) : (
        <Bars
          top={emails}
          bars={[
            {
              key: 'sent',
              label: 'Sent',
              value: emails,
              text: format.count(emails),
              color: 'var(--cause-2)',
            },
            {
              key: 'opened',
              label: 'Opened',
              value: opens,
              text: format.count(opens),
              aside: share(opens, emails),
              color: 'var(--cause-2)',
            },
            {
              key: 'clicked',
              label: 'Link followed',
              value: clicks,
              text: format.count(clicks),
              aside: share(clicks, emails),
              color: 'var(--cause-2)',
            },
            ...(paid === undefined
              ? []
              : [
                  {
                    key: 'paid',
                    label: 'Paid afterwards',
                    value: paid,
                    text: format.count(paid),
                    aside: share(paid, emails),
                    color: 'var(--cause-1)',
                  },
                ]),
          ]}
        />
      )}
    </Card>
  );
}

export function QueueHealth({ stats }: { stats: Stats }) {
  const now = useEngineNow();
  const failed = stats.failedTasks;
  const tone = failed > 0 ? 'warn' : 'good';
  return (
    <Card
      title="Queue"
      aside={<Badge tone={tone}>{failed > 0 ? `${format.count(failed)} failed` : 'Healthy'}</Badge>}
    >
      <dl className="queue">
        <QueueRow to="/tasks?status=pending" label="Waiting for their time" value={stats.pendingTasks} />
        <QueueRow to="/tasks?status=running" label="Running" value={stats.runningTasks} />
        <QueueRow to="/tasks?status=completed" label="Done" value={stats.completedTasks} />
        <QueueRow to="/tasks?status=failed" label="Failed" value={failed} />
      </dl>
      <p className="small faint">
        {stats.lastProcessedAt
          ? `Last worked ${format.relative(stats.lastProcessedAt, now)}`
          : 'Nothing was worked on yet'}
      </p>
    </Card>
  );
}

const QueueRow = ({ to, label, value }: { to: string; label: string; value: number }) => (
  <div>
    <dt>
      <Link to={to}>{label}</Link>
    </dt>
    <dd className="num">{format.count(value)}</dd>
  </div>
);

const planNames: Record<string, string> = { FREE: 'Free', HOBBY: 'Hobby', GROWTH: 'Growth', PRO: 'Pro' };

export function PlanUsage({ usage, plan }: { usage: Dashboard['usage']; plan: Merchant['plan'] }) {
  const used = usage.limit > 0 ? usage.current / usage.limit : usage.current > 0 ? 1 : 0;
  const level = used >= 1 ? 'bad' : used >= 0.8 ? 'warn' : '';
  return (
    <Card title="Plan" aside={<Badge tone="accent">{planNames[usage.plan] ?? usage.plan}</Badge>}>
      <Meter.Root
        value={Math.min(usage.current, Math.max(usage.limit, 1))}
        max={Math.max(usage.limit, 1)}
        getAriaValueText={() => `${usage.current} of ${usage.limit} e-mails`}
      >
        <div className="meter-head">
          <Meter.Label>E-mails this month</Meter.Label>
          <span className="num soft">
            {format.count(usage.current)} of {format.count(usage.limit)}
          </span>
        </div>
        <Meter.Track className="meter-track">
          <Meter.Indicator className={`meter-fill ${level}`} />
        </Meter.Track>
      </Meter.Root>
      <p className="small faint plan-note">
        {usage.limit === 0
          ? 'The Free plan includes no e-mails.'
          : used >= 1
            ? 'This month’s e-mails are used up. Retries go on; letters wait for the new month or a larger plan.'
            : `Up to ${format.count(plan.queueLimit)} tasks of your own may wait at once.`}
      </p>
    </Card>
  );
}

export function LatestActivity({ activity }: { activity: Activity[] }) {
  const now = useEngineNow();
  return (
    <Card title="Latest" aside={<Link to="/activity">All activity</Link>} className="wide">
      {activity.length === 0 ? (
        <Empty title="Nothing has happened yet" />
      ) : (
        <ul className="latest">
          {activity.slice(0, 8).map((row) => (
            <li key={row.id}>
              <span className={`latest-mark ${row.metricType}`} aria-hidden="true" />
              <span className="latest-what">
                {row.recoveryId ? (
                  <Link to={`/recoveries/${row.recoveryId}`} className="quiet-link">
                    {activityWords(row.metricType)}
                  </Link>
                ) : (
                  activityWords(row.metricType)
                )}
              </span>
              <span className="num">
                {row.amount !== 0 && row.currency ? format.money(row.amount, row.currency) : ''}
              </span>
              <time
                dateTime={row.occurredAt}
                title={format.exactTime(row.occurredAt)}
                className="faint small nowrap"
              >
                {format.relative(row.occurredAt, now)}
              </time>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
