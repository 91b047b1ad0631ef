// The engine's stable names in words a merchant would use. A name that is not here is shown as it is,
// with its underscores turned to spaces, so that a newer engine never leaves a blank.
import type { Tone } from '../ui/parts';
import type { RecoveryStatus, RetryMode, TaskStatus, TaskType } from '../api/queries';

const plain = (name: string) => {
  const text = name.replace(/[_.]/g, ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
};

const look = (table: Record<string, string>) => (name: string) => table[name] ?? plain(name);

export const statusWords: Record<RecoveryStatus, { label: string; tone: Tone }> = {
  open: { label: 'In recovery', tone: 'accent' },
  recovered: { label: 'Recovered', tone: 'good' },
  stopped: { label: 'Stopped', tone: 'plain' },
  exhausted: { label: 'Not recovered', tone: 'bad' },
};

export const taskStatusWords: Record<TaskStatus, { label: string; tone: Tone }> = {
  pending: { label: 'Waiting', tone: 'plain' },
  running: { label: 'Running', tone: 'accent' },
  completed: { label: 'Done', tone: 'good' },
  failed: { label: 'Failed', tone: 'bad' },
};

export const taskTypeWords: Record<TaskType, string> = {
  dunning_retry: 'Work on a recovery',
  notify_action_required: 'Ask for a confirmation',
  report_usage: 'Report usage',
  send_weekly_digest: 'Weekly digest',
};

export const causes = {
  retry: { label: 'Our retries', help: 'A charge made by The Citadel went through' },
  customer_after_mail: {
    label: 'Customer, after our mail',
    help: 'They paid or changed the card once we had written',
  },
  customer: { label: 'Customer, by themselves', help: 'They paid before anything was written' },
  stripe_retry: { label: "Stripe's own retries", help: 'An attempt of Stripe went through' },
} as const;

export const causeWords = (cause: string): string =>
  cause in causes ? causes[cause as keyof typeof causes].label : plain(cause);

export const reasonWords = look({
  paid: 'The invoice was paid',
  voided: 'The invoice was voided in Stripe',
  uncollectible: 'The invoice was marked uncollectible in Stripe',
  subscription_deleted: 'The subscription was cancelled',
  refunded: 'The payment was refunded',
  disputed: 'The customer disputed the payment',
  disconnected: 'The Stripe account was disconnected',
  stopped_by_merchant: 'Stopped by you',
  sequence_ended: 'Every sensible try was made',
  task_failed: 'Our work on it failed again and again',
});

export const declineWords = look({
  insufficient_funds: 'Not enough funds',
  card_velocity_exceeded: "The card's limit is reached",
  withdrawal_count_limit_exceeded: "The card's limit is reached",
  expired_card: 'The card has expired',
  lost_card: 'The card was reported lost',
  stolen_card: 'The card was reported stolen',
  pickup_card: 'The card was withdrawn by its bank',
  do_not_honor: 'The bank declined without a reason',
  generic_decline: 'The bank declined without a reason',
  card_declined: 'The bank declined without a reason',
  call_issuer: 'The bank wants to be called',
  try_again_later: 'The bank asks to try later',
  processing_error: 'A technical error at the bank',
  issuer_not_available: 'The bank could not be reached',
  reenter_transaction: 'A technical error at the bank',
  authentication_required: 'The bank wants a confirmation',
  fraudulent: 'The bank suspects fraud',
  incorrect_cvc: 'The security code is wrong',
  incorrect_number: 'The card number is wrong',
  incorrect_zip: 'The postal code is wrong',
  invalid_account: 'The card or its account is no longer valid',
  new_account_information_available: 'The bank has issued a new card',
  card_not_supported: 'The card does not support this purchase',
  currency_not_supported: 'The card does not support this currency',
  restricted_card: 'The card is restricted',
  do_not_try_again: 'The bank forbids another try',
  transaction_not_allowed: 'The bank does not allow this payment',
  revocation_of_authorization: 'The customer revoked the permission',
  revocation_of_all_authorizations: 'The customer revoked the permission',
  stop_payment_order: 'The customer stopped the payment at the bank',
});

export const familyWords: Record<string, { label: string; help: string }> = {
  funds: { label: 'Not enough money', help: 'Not enough money, or a limit is reached: time helps' },
  vague: { label: 'No reason given', help: 'The bank said no and nothing more' },
  technical: { label: 'Trouble at the bank', help: 'The bank or the network had trouble: hours help' },
  credential: { label: 'Card expired or wrong', help: 'Expired, replaced or mistyped: a new card helps' },
  authentication: { label: 'Confirmation needed', help: 'The bank wants the customer to confirm' },
  fraud: { label: 'Suspected fraud', help: 'Not repeated, and treated discreetly' },
  never: {
    label: 'Card blocked or stolen',
    help: 'Blocked, lost, stolen or permission withdrawn: it may not be tried again, a new card helps',
  },
  merchant: { label: 'Set-up problem', help: 'Something on our or your side: somebody has to look' },
};

// What the ledger counts, in the order in which it is offered as a filter.
const ledger: Record<string, string> = {
  payment_failed: 'Renewal failed',
  payment_failed_again: 'Failed again at Stripe',
  recovered: 'Payment came back',
  reversed: 'Recovered payment taken back',
  stopped: 'Recovery stopped',
  exhausted: 'Recovery ended without payment',
  attempt: 'Charge tried',
  attempt_declined: 'Charge declined',
  email_sent: 'E-mail sent',
  notice_sent: 'E-mail about an expiring card sent',
  email_delivered: 'E-mail delivered',
  email_opened: 'E-mail opened',
  email_clicked: 'Link in an e-mail followed',
  email_bounced: 'E-mail bounced',
  email_complained: 'E-mail reported as spam',
  email_delayed: 'E-mail delayed',
  email_failed: 'E-mail could not be sent',
  churned: 'Customer lost',
  task_completed: 'Task done',
  task_failed: 'Task failed',
};
export const ledgerTypes = Object.keys(ledger);
export const activityWords = look(ledger);

export const mailWords = look({
  payment_failed: 'Payment failed',
  dunning: 'Payment failed',
  action_required: 'Confirmation needed',
  final_notice: 'Final notice',
  card_expiring: 'Card about to expire',
  weekly_digest: 'Weekly digest',
});

export const eventWords = look({
  'invoice.payment_failed': 'Stripe could not collect the renewal',
  'invoice.payment_action_required': 'The bank wants the customer to confirm',
  'invoice.upcoming': 'A renewal is near',
  'invoice.paid': 'Stripe says: paid',
  'invoice.payment_succeeded': 'Stripe says: the charge went through',
  'invoice.voided': 'The invoice was voided',
  'invoice.marked_uncollectible': 'The invoice was marked uncollectible',
  'customer.subscription.deleted': 'The subscription was cancelled',
  'charge.refunded': 'The payment was refunded',
  'charge.dispute.created': 'The payment was disputed',
  'payment_method.attached': 'The customer added a payment method',
  'payment_method.automatically_updated': 'The card was updated by its bank',
  'customer.updated': 'The customer chose another payment method',
  'account.application.deauthorized': 'The Stripe account was disconnected',
});

export const modes: Record<RetryMode, { label: string; brief: string; long: string }> = {
  observe: {
    label: 'Observe',
    brief: 'Watch and report',
    long: 'We charge nothing and write to nobody. You see what fails, why, and what we would have done.',
  },
  weave: {
    label: 'Weave',
    brief: 'Between Stripe’s own retries',
    long: 'Stripe’s retries stay on. We place ours in the gaps, never within hours of one of Stripe’s, and both count against the card networks’ limits.',
  },
  own: {
    label: 'Own',
    brief: 'We alone retry',
    long: 'For merchants who have turned Stripe’s retries off. We choose each moment ourselves. If Stripe’s retries are still on, choose Weave.',
  },
};

export { plain };
