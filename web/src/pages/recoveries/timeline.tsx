// The story of one recovery, entry by entry: what happened, who did it, and why.
import type { ReactNode } from 'react';
import type { Recovery, TimelineEntry } from '../../api/queries';
import * as format from '../../lib/format';
import { declineWords, eventWords, mailWords, plain } from '../../lib/words';
import { IconCard, IconCheck, IconMail, IconRoute, IconWebhook } from '../../ui/icons';
import { Badge, When, type Tone } from '../../ui/parts';
import { Why } from './why';

interface Told {
  icon: ReactNode;
  tone: Tone;
  title: string;
  badge?: { tone: Tone; text: string };
  note?: ReactNode;
}

const actions: Record<string, string> = {
  charge: 'Decided to charge',
  write: 'Decided to write',
  wait: 'Decided to wait',
  stop: 'Decided to stop',
  collector: 'Who retries',
};

const outcomes: Record<string, { tone: Tone; text: string }> = {
  succeeded: { tone: 'good', text: 'Paid' },
  declined: { tone: 'bad', text: 'Declined' },
  action_required: { tone: 'warn', text: 'Needs the customer' },
  not_charged: { tone: 'plain', text: 'Not charged' },
  sent: { tone: 'plain', text: 'Sent' },
  delivered: { tone: 'plain', text: 'Delivered' },
  opened: { tone: 'accent', text: 'Opened' },
  clicked: { tone: 'accent', text: 'Link followed' },
  bounced: { tone: 'bad', text: 'Bounced' },
  complained: { tone: 'bad', text: 'Reported as spam' },
  refused: { tone: 'bad', text: 'Refused' },
};

const drivers: Record<string, string> = {
  citadel: 'We tried to charge',
  stripe: 'Stripe tried to charge',
  customer: 'The customer tried to pay',
};

const outcomeBadge = (outcome: string | null, unknown: string) =>
  outcome === null
    ? { tone: 'warn' as Tone, text: unknown }
    : (outcomes[outcome] ?? { tone: 'plain' as Tone, text: plain(outcome) });

function tell(entry: TimelineEntry): Told {
  switch (entry.kind) {
    case 'event': {
      const paid = entry.name === 'invoice.paid' || entry.name === 'invoice.payment_succeeded';
      return {
        icon: paid ? <IconCheck size={15} /> : <IconWebhook size={15} />,
        tone: paid ? 'good' : 'plain',
        title: eventWords(entry.name),
        note: entry.reason || undefined,
      };
    }
    case 'attempt':
      return {
        icon: <IconCard size={15} />,
        tone: entry.outcome === 'succeeded' ? 'good' : entry.outcome === 'declined' ? 'bad' : 'warn',
        title:
          (drivers[entry.name] ?? plain(entry.name)) +
          (entry.amount !== null && entry.currency ? ` ${format.money(entry.amount, entry.currency)}` : ''),
        badge: outcomeBadge(entry.outcome, 'Outcome not known yet'),
        note:
          entry.outcome === 'succeeded'
            ? undefined
            : entry.declineCode
              ? declineWords(entry.declineCode)
              : entry.reason || undefined,
      };
    case 'mail':
      return {
        icon: <IconMail size={15} />,
        tone: 'accent',
        title: `E-mail: ${mailWords(entry.name)}${entry.number ? ` (${format.count(entry.number)})` : ''}`,
        badge: outcomeBadge(entry.outcome, 'On its way'),
        note: entry.reason || undefined,
      };
    case 'decision':
      return {
        icon: <IconRoute size={15} />,
        tone: 'plain',
        title: actions[entry.name] ?? plain(entry.name),
        note: (
          <>
            <Why decision={entry} />
            {entry.nextAt && (
              <span className="timeline-next">
                Next: <When at={entry.nextAt} />
              </span>
            )}
          </>
        ),
      };
  }
}

// What happens within a second, in the order of cause and effect: the clocks of Stripe and of the engine differ by less,
// and a decision is booked together with what came of it.
function rank({ kind, name }: TimelineEntry): number {
  if (kind === 'event') return name === 'invoice.paid' || name === 'invoice.payment_succeeded' ? 5 : 1;
  if (kind === 'decision') return 2;
  if (kind === 'mail') return 3;
  return name === 'citadel' ? 4 : 0;
}
const second = (entry: TimelineEntry) => Math.floor(Date.parse(entry.at) / 1000);
const inOrder = (entries: TimelineEntry[]) =>
  [...entries].sort((one, other) => second(one) - second(other) || rank(one) - rank(other));

export const Timeline = ({ entries, recovery }: { entries: TimelineEntry[]; recovery: Recovery }) => (
  <ol className="timeline">
    {inOrder(entries).map((entry, i) => (
      <Entry key={`${entry.kind} ${entry.at} ${entry.name} ${i}`} entry={entry} />
    ))}
    {recovery.status === 'open' && recovery.nextActionAt && (
      <li className="timeline-entry ahead">
        <span className="timeline-icon" aria-hidden="true" />
        <div className="timeline-body">
          <p className="timeline-title">What comes next</p>
          <p className="small soft">
            <When at={recovery.nextActionAt} />
          </p>
        </div>
      </li>
    )}
  </ol>
);

function Entry({ entry }: { entry: TimelineEntry }) {
  const told = tell(entry);
  return (
    <li className={`timeline-entry ${entry.kind}`}>
      <span className={`timeline-icon ${told.tone}`} aria-hidden="true">
        {told.icon}
      </span>
      <div className="timeline-body">
        <div className="timeline-head">
          <p className="timeline-title">{told.title}</p>
          {told.badge && <Badge tone={told.badge.tone}>{told.badge.text}</Badge>}
          <span className="faint small timeline-at">
            <When at={entry.at} />
          </span>
        </div>
        {told.note && <div className="soft timeline-note">{told.note}</div>}
      </div>
    </li>
  );
}
