// Who is looking. With Clerk's publishable key its own components sign people in; without one, the engine's
// local issuer does, which exists for the demo and says so.
import { lazy, Suspense, useCallback, useEffect, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { ApiProblem, onSignedOut } from '../api/client';
import { useMerchant } from '../api/queries';
import { Button } from '../ui/button';
import { Loading, Notice } from '../ui/parts';
import { IconAlert } from '../ui/icons';
import { Logo } from './logo';
import { SessionContext } from './session-context';

const ClerkSession = lazy(() => import('./clerk-session'));
const LocalSignIn = lazy(() => import('./local-sign-in'));

const meta = document.querySelector<HTMLMetaElement>('meta[name="citadel:sign-in"]');
const clerkKey = meta?.content.startsWith('clerk ') ? meta.content.slice('clerk '.length) : '';

export function Session({ children }: { children: ReactNode }) {
  if (!clerkKey) return <LocalSession>{children}</LocalSession>;
  return (
    <Suspense fallback={<Splash />}>
      <ClerkSession publishableKey={clerkKey}>{children}</ClerkSession>
    </Suspense>
  );
}

function LocalSession({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const merchant = useMerchant();
  const [signedOut, setSignedOut] = useState(false);

  useEffect(() => onSignedOut(() => setSignedOut(true)), []);
  const signOut = useCallback(async () => {
    await fetch('/dev/sign-out', { method: 'POST' });
    client.clear();
    setSignedOut(true);
  }, [client]);

  const refused = merchant.error instanceof ApiProblem && merchant.error.status === 401;
  if (signedOut || refused) {
    return (
      <Suspense fallback={<Splash />}>
        <LocalSignIn
          onSignedIn={async () => {
            await client.resetQueries();
            setSignedOut(false);
          }}
        />
      </Suspense>
    );
  }
  if (merchant.isPending) return <Splash />;
  if (merchant.isError) return <Unreachable error={merchant.error} retry={() => merchant.refetch()} />;
  return <SessionContext value={{ local: true, signOut }}>{children}</SessionContext>;
}

const Splash = () => (
  <div className="gate">
    <div className="gate-card splash">
      <Logo />
      <Loading what="the dashboard" lines={3} />
    </div>
  </div>
);

export const Unreachable = ({ error, retry }: { error: Error; retry(): void }) => (
  <main className="gate">
    <div className="gate-card">
      <Logo />
      <h1>The engine does not answer</h1>
      <Notice tone="bad" icon={<IconAlert size={16} aria-hidden />}>
        {error.message}
      </Notice>
      <p className="soft">Nothing is lost: what Stripe reports is taken in and worked on whether you look or not.</p>
      <Button look="primary" onClick={retry}>
        Try again
      </Button>
    </div>
  </main>
);
