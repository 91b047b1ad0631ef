// One recovery: where it stands, what was done and why, what comes next, and what one can do about it.
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { ApiProblem } from '../../api/client';
import {
  useCollectNow,
  useMerchant,
  useRecovery,
  useStopRecovery,
  type Recovery,
  type TimelineEntry,
} from '../../api/queries';
import * as format from '../../lib/format';
import { useEngineNow } from '../../lib/now';
import { useFailure } from '../../lib/use-failure';
import { causeWords, declineWords, reasonWords, statusWords } from '../../lib/words';
import { Button, ButtonLink } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { IconBack, IconCard, IconExternal, IconStop } from '../../ui/icons';
import { Badge, Card, Empty, Fact, Loading, Money, PageHead, When } from '../../ui/parts';
import { say, sayError } from '../../ui/toasts';
import { Headroom } from './headroom';
import { nameOf } from './recoveries';
import { Timeline } from './timeline';
import { Why } from './why';

export default function OneRecovery() {
  const { id = '' } = useParams();
  const query = useRecovery(id);
  const failure = useFailure(query);
  if (query.isPending && !failure) {
    return (
      <Card>
        <Loading what="the recovery" lines={8} height={20} />
      </Card>
    );
  }
  if (!query.data) {
    const missing = failure instanceof ApiProblem && failure.status === 404;
    return (
      <Card>
        <Empty
          title={missing ? 'There is no such recovery' : 'The recovery could not be loaded'}
          action={
            missing ? (
              <ButtonLink to="/recoveries">All recoveries</ButtonLink>
            ) : (
              <Button look="primary" onClick={() => query.refetch()}>
                Try again
              </Button>
            )
          }
        >
          {missing ? 'It may belong to another account.' : failure?.message}
        </Empty>
      </Card>
    );
  }
  const { recovery, timeline, networkBudgets } = query.data;
  return (
    <>
      <Link to="/recoveries" className="back">
        <IconBack size={15} aria-hidden />
        Recoveries
      </Link>
      <PageHead title={nameOf(recovery)} intro={<Summary recovery={recovery} />}>
        {recovery.status === 'open' && <Actions recovery={recovery} />}
      </PageHead>
      <div className="one-recovery">
        <div className="one-main">
          <NextStep
            recovery={recovery}
            decision={timeline.findLast((entry) => entry.kind === 'decision')}
          />
          <Card title="Timeline" note="From the first failure on, oldest first">
            <Timeline entries={timeline} recovery={recovery} />
          </Card>
        </div>
        <aside className="one-side" aria-label="Details">
          <Facts recovery={recovery} />
          <Headroom budgets={networkBudgets} open={recovery.status === 'open'} />
        </aside>
      </div>
    </>
  );
}

const Summary = ({ recovery }: { recovery: Recovery }) => {
  const { label, tone } = statusWords[recovery.status];
  return (
    <span className="summary">
      <span className="summary-amount">
        <Money amount={recovery.amountDue} currency={recovery.currency} />
      </span>
      <Badge tone={tone}>{label}</Badge>
      {recovery.declineCode && <span>{declineWords(recovery.declineCode)}</span>}
    </span>
  );
};

function Actions({ recovery }: { recovery: Recovery }) {
  const merchant = useMerchant().data;
  const [asking, setAsking] = useState<'collect' | 'stop' | null>(null);
  const collect = useCollectNow();
  const stop = useStopRecovery();
  const amount = format.money(recovery.amountDue, recovery.currency);
  const blocked =
    recovery.needsCustomer || merchant?.retryMode === 'observe' || merchant?.stripeConnected === false;

  const run = () =>
    asking === 'collect'
      ? collect.mutate(recovery.id, {
          onSuccess: () =>
            say('In line', `${amount} is being collected; the outcome appears in the timeline.`),
          onError: (error) => sayError('It was not tried', error),
          onSettled: () => setAsking(null),
        })
      : stop.mutate(recovery.id, {
          onSuccess: () => say('Stopped', 'Nothing more is charged or written for this invoice.'),
          onError: (error) => sayError('It was not stopped', error),
          onSettled: () => setAsking(null),
        });

  return (
    <>
      <Button
        look="primary"
        icon={<IconCard size={16} aria-hidden />}
        disabled={blocked}
        title={blocked ? 'Only the customer can pay this now, or your account only watches' : undefined}
        onClick={() => !blocked && setAsking('collect')}
      >
        Collect now
      </Button>
      <Button icon={<IconStop size={16} aria-hidden />} onClick={() => setAsking('stop')}>
        Stop
      </Button>
      <Confirm
        open={asking === 'collect'}
        onOpenChange={(open) => !open && setAsking(null)}
        title={`Collect ${amount} now?`}
        action="Collect now"
        busy={collect.isPending}
        onConfirm={run}
      >
        <p>
          {nameOf(recovery)}’s card is charged as soon as possible instead of waiting for the planned time.
          The card networks’ limits still hold, and this try counts against them.
        </p>
        {merchant?.retryMode === 'weave' && (
          <p>Stripe retries too, so six hours lie between its tries and this one.</p>
        )}
      </Confirm>
      <Confirm
        open={asking === 'stop'}
        onOpenChange={(open) => !open && setAsking(null)}
        title="Stop this recovery?"
        action="Stop it"
        danger
        busy={stop.isPending}
        onConfirm={run}
      >
        <p>
          From now on nothing is charged and no e-mail is written for {amount} of {nameOf(recovery)}. The
          invoice and the subscription stay as they are in Stripe.
        </p>
        <p>This can’t be undone.</p>
      </Confirm>
    </>
  );
}

function NextStep({ recovery, decision }: { recovery: Recovery; decision: TimelineEntry | undefined }) {
  const now = useEngineNow();
  if (recovery.status !== 'open') {
    return (
      <section className={`next-step ${recovery.status}`} aria-label="How it ended">
        <h2>
          {recovery.status === 'recovered'
            ? `${format.money(recovery.amountRecovered, recovery.currency)} came back`
            : statusWords[recovery.status].label}
        </h2>
        <p>
          {recovery.status === 'recovered'
            ? recovery.cause && `Brought back by: ${causeWords(recovery.cause)}.`
            : recovery.reason && `${reasonWords(recovery.reason)}.`}{' '}
          {recovery.closedAt && <When at={recovery.closedAt} />}
        </p>
        {recovery.amountReversed > 0 && (
          <p>
            <Money amount={recovery.amountReversed} currency={recovery.currency} /> of it was refunded or
            disputed later.
          </p>
        )}
      </section>
    );
  }
  const at = recovery.nextActionAt;
  return (
    <section className="next-step open" aria-label="What comes next">
      <h2>
        {!at
          ? 'Waiting for the customer'
          : Date.parse(at) <= now
            ? 'Being worked on now'
            : `Next step ${format.relative(at, now)}`}
      </h2>
      {at && (
        <p>
          <When at={at} />
        </p>
      )}
      {decision?.name === 'wait' && <Why decision={decision} />}
      {decision?.name === 'write' && <p>The customer has our e-mail, and can pay by themselves until then.</p>}
      {recovery.stripeNextAttemptAt && (
        <p className="small">
          Stripe’s own next attempt: <When at={recovery.stripeNextAttemptAt} />.
        </p>
      )}
    </section>
  );
}

const Facts = ({ recovery }: { recovery: Recovery }) => (
  <Card title="Invoice">
    <dl className="facts">
      <Fact label="Customer">
        {nameOf(recovery)}
        {recovery.customerEmail && recovery.customerEmail !== nameOf(recovery) && (
          <span className="soft small block">{recovery.customerEmail}</span>
        )}
      </Fact>
      <Fact label="Invoice">
        {recovery.hostedInvoiceUrl ? (
          <a href={recovery.hostedInvoiceUrl} target="_blank" rel="noreferrer">
            {recovery.invoiceNumber || recovery.invoiceId}
            <IconExternal size={13} aria-hidden className="inline-icon" />
            <span className="unseen"> (opens in a new tab)</span>
          </a>
        ) : (
          recovery.invoiceNumber || recovery.invoiceId
        )}
      </Fact>
      <Fact label="Failed on">
        <When at={recovery.firstFailedAt} />
      </Fact>
      <Fact label="Our charges">{format.count(recovery.attempts)}</Fact>
      <Fact label="Stripe’s attempts">{format.count(recovery.stripeAttempts)}</Fact>
      <Fact label="E-mails">{format.count(recovery.mailsSent)}</Fact>
      <Fact label="Policy">
        <code>{recovery.policy}</code>
      </Fact>
    </dl>
  </Card>
);
