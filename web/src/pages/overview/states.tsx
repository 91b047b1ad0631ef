// When there is nothing to show yet, and what to do about it.
import { useSearchParams } from 'react-router';
import { useConnectStripe, type Merchant } from '../../api/queries';
import { Button } from '../../ui/button';
import { IconAlert, IconLink } from '../../ui/icons';
import { Card, Empty, Notice, PageHead } from '../../ui/parts';
import { sayError } from '../../ui/toasts';

// Why Stripe's page sent somebody back without a connection.
const refusals: Record<string, string> = {
  access_denied: 'The connection was declined on Stripe’s page. Nothing was changed.',
  state_expired: 'That took longer than ten minutes, so the link has expired. Please try again.',
  state_invalid: 'That link was used already or belongs to another session. Please try again.',
  account_taken: 'This Stripe account is connected to another merchant already.',
};

export function ConnectPanel({ merchant }: { merchant: Merchant }) {
  const [params] = useSearchParams();
  const connect = useConnectStripe();
  const error = params.get('error');
  return (
    <Card className="connect">
      <div className="connect-text">
        <h2>{merchant.stripeAccountId ? 'Stripe is disconnected' : 'Connect Stripe to begin'}</h2>
        <p className="soft">
          {merchant.stripeAccountId
            ? 'Nothing is charged and nobody is written to. What was recovered so far stays here. Connect again to go on.'
            : 'One click, and failed renewals are watched from then on. We never see card numbers, and you can disconnect at any time.'}
        </p>
        <ol className="connect-steps soft small">
          <li>Stripe asks you to allow access.</li>
          <li>Failing renewals arrive here as they happen.</li>
          <li>We retry when it makes sense, write when only the customer can help, and tell you why.</li>
        </ol>
        {error && (
          <Notice tone="bad" icon={<IconAlert size={16} aria-hidden />}>
            {refusals[error] ?? `Stripe was not connected (${error}). Please try again.`}
          </Notice>
        )}
      </div>
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
    </Card>
  );
}

export const LoadError = ({ error, retry }: { error: Error | null; retry(): void }) => (
  <>
    <PageHead title="Overview" />
    <Card>
      <Empty
        icon={<IconAlert size={20} />}
        title="The figures could not be loaded"
        action={
          <Button look="primary" onClick={retry}>
            Try again
          </Button>
        }
      >
        {error?.message ?? 'The engine does not answer.'} Recovery goes on in the meantime.
      </Empty>
    </Card>
  </>
);
