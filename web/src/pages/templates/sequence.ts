// The letters of the sequence, in the order in which a customer may get them; last the one that comes before any of
// them, when nothing has failed yet.
export interface Letter {
  kind: string;
  attempt: number;
  label: string;
  when: string;
}

export const sequence: Letter[] = [
  { kind: 'payment_failed', attempt: 1, label: 'First notice', when: 'When the renewal has failed' },
  { kind: 'payment_failed', attempt: 2, label: 'First reminder', when: 'When it is still open' },
  { kind: 'payment_failed', attempt: 3, label: 'Second reminder', when: 'When it is open for longer' },
  { kind: 'action_required', attempt: 1, label: 'Confirmation needed', when: 'When the bank wants the customer' },
  { kind: 'action_required', attempt: 2, label: 'Confirmation, again', when: 'When nobody has confirmed' },
  { kind: 'final_notice', attempt: 1, label: 'Final notice', when: 'When nobody will try again' },
  { kind: 'card_expiring', attempt: 1, label: 'Card about to expire', when: 'A week before a renewal its card cannot pay' },
];

export const placeholders: { name: string; help: string }[] = [
  { name: 'customer_name', help: 'The customer’s name' },
  { name: 'amount', help: 'What is due, with its currency' },
  { name: 'update_url', help: 'The link to pay or change the card' },
  { name: 'invoice_number', help: 'The invoice’s number' },
  { name: 'merchant_name', help: 'Your name' },
  { name: 'attempt', help: 'Which letter of the sequence this is' },
];
