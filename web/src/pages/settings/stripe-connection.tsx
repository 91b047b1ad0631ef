import { useState } from 'react';
import { useConnectStripe, useDisconnectStripe, type Merchant } from '../../api/queries';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { IconLink } from '../../ui/icons';
import { Badge } from '../../ui/parts';
import { say, sayError } from '../../ui/toasts';
import { Section } from './sections';

export function StripeConnection({ merchant }: { merchant: Merchant }) {
  const [asking, setAsking] = useState(false);
  const connect = useConnectStripe();
  const disconnect = useDisconnectStripe();
  return (
    <Section title="Stripe" note="The account whose failed renewals are recovered.">
      <div className="stripe-row">
        <span className="stack">
          <span>
            <Badge tone={merchant.stripeConnected ? 'good' : 'warn'}>
              {merchant.stripeConnected ? 'Connected' : 'Not connected'}
            </Badge>
          </span>
          {merchant.stripeAccountId && <code className="soft">{merchant.stripeAccountId}</code>}
        </span>
        {merchant.stripeConnected ? (
          <Button onClick={() => setAsking(true)}>Disconnect</Button>
        ) : (
          <Button
            look="primary"
            icon={<IconLink size={16} aria-hidden />}
            busy={connect.isPending || connect.isSuccess}
            onClick={() =>
              connect.mutate(undefined, { onError: (e) => sayError('Stripe could not be reached', e) })
            }
          >
            Connect Stripe
          </Button>
        )}
      </div>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Disconnect Stripe?"
        action="Disconnect"
        danger
        busy={disconnect.isPending}
        onConfirm={() =>
          disconnect.mutate(undefined, {
            onSuccess: () => say('Stripe is disconnected', 'All open recoveries were stopped.'),
            onError: (error) => sayError('Stripe was not disconnected', error),
            onSettled: () => setAsking(false),
          })
        }
      >
        <p>
          All open recoveries stop at once: nothing more is charged and nobody is written to. Our access at
          Stripe is revoked and its keys are wiped here.
        </p>
        <p>Your customers’ subscriptions and invoices stay exactly as they are. Past figures stay here.</p>
      </Confirm>
    </Section>
  );
}
