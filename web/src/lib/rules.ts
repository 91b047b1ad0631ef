// Why the policy decided as it did, in plain words, by the name of its rule (docs/policy.md). The engine's own reason,
// with its dates and chances, is shown beneath on request; of a rule that is not here it is all there is.
import { reasonWords } from './words';

// The calendars (classic, eight14, eight28) and the default policy share these.
const steps: Record<string, string> = {
  step: 'The next charge of the calendar is due.',
  letter: 'The customer should know, and can pay or change the card by themselves.',
  wait: 'The next charge is not due yet.',
  wait_for_customer: 'This card can’t bring the payment any more: the customer has to act.',
  new_method: 'A new or renewed card came in, so it is tried at once.',
  sequence_ended: 'Every step of the calendar was taken.',
};

const rules: Record<string, string> = {
  'payday.best_day': 'Today is the day on which the money is likeliest to be there.',
  'payday.wait': 'The next charge waits for the day on which the money is likeliest to be there.',
  'payday.issuers_date': 'The bank named the time at which it expects money.',
  'payday.evenly': 'The charges are spread evenly over the weeks.',
  'payday.after_outage': 'The bank or the network had trouble, which passes within hours.',
  'payday.no_day_left': 'No day is left on which a charge would be worth making.',
  'payday.ask_for_card': 'Only another card helps: the customer is asked for one.',
  'payday.ask_to_confirm': 'The bank wants the customer to confirm: they are asked to.',
  'payday.tell_once': 'The customer took back the permission for this card: they are told once.',
  'payday.after_the_merchant': 'Something in the set-up stands in the way, and there was time to mend it.',
  'payday.window_over': 'The time for this recovery is over.',
  'limits.network_budget': 'The card’s network allows no further try for now.',
  'network.budget': 'The card’s network allows no further try for now.',
  'limits.advice': 'The bank asked for a pause before the next try.',
  'limits.same_card_rest': 'The same card rests for a while between two charges.',
  'limits.charges_max': 'All planned charges were made.',
  'limits.attempts_max': 'No invoice is tried more often than this.',
  'limits.customer_confirms': 'The bank wants the customer to confirm; a charge alone would fail.',
  'limits.card_forbidden': 'The bank forbids another try with this card.',
  'limits.night': 'It is night where the customer lives.',
  'limits.quiet_hours': 'These are the quiet hours that you chose.',
  'weave.stripe_was_last': 'Stripe has just tried by itself; six hours lie between its tries and ours.',
  'weave.stripe_is_next': 'Stripe is about to try by itself; six hours lie between its tries and ours.',
  'own.take': 'You alone retry: Stripe’s own retries of this invoice are switched off.',
  'own.give_back': 'Stripe collects this invoice by itself again.',
  'mail.put_off': 'The e-mail waits: it is a quiet hour there, or the customer had one today.',
  'mail.refused': 'The e-mail could not be sent.',
  'action_required.letter': 'The bank wants the customer to confirm: they are asked to.',
  collect_now: 'You asked for it.',
  observe: 'Your account only watches: nothing is charged or written.',
};

// undefined: the rule is not known here.
export function ruleWords(rule: string | null | undefined): string | undefined {
  if (!rule) return undefined;
  if (rule in rules) return rules[rule];
  const [family, name = ''] = rule.split('.');
  return family === 'stop' ? `${reasonWords(name)}.` : steps[name];
}
