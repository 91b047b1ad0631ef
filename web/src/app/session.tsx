// Who is looking. With Clerk's publishable key its own components sign people in; without one, the engine's
// local issuer does, which exists for the demo and says so.
import { lazy, Suspense, useCallback, useEffect, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { ApiProblem, onSignedOut } from '../api/client';
import { useMerchant } from '../api/queries';
import { Button } from '../ui/button';
import { Loading, Notice } from '../ui/parts';
import { IconAlert } from '../ui/icons';
import { signOutLocally } from './local-issuer';
import { Logo } from './logo';
import { SessionContext } from './session-context';

const ClerkSession = lazy(() => import('./clerk-session'));
const LocalSignIn = lazy(() => import('./local-sign-in'));

// The engine says how people sign in here, and whether this browser has brought a session along: so that
// nothing is asked for that would only be refused.
const said = (name: string) =>
  document.querySelector<HTMLMetaElement>(`meta[name="citadel:${name}"]`)?.content ?? '';
const way = said('sign-in');

export function Session({ children }: { children: ReactNode }) {
  if (way !== 'clerk') return <CookieSession>{children}</CookieSession>;
  return (
    <Suspense fallback={<Splash />}>
      <ClerkSession publishableKey={said('clerk-key')}>{children}</ClerkSession>
    </Suspense>
  );
}

function CookieSession({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [signedOut, setSignedOut] = useState(said('session') === 'none');
  const merchant = useMerchant(!signedOut);

  useEffect(() => onSignedOut(() => setSignedOut(true)), []);
  const signOut = useCallback(async () => {
    await signOutLocally();
    client.clear();
    setSignedOut(true);
  }, [client]);

  const refused = merchant.error instanceof ApiProblem && merchant.error.status === 401;
  if (signedOut || refused) {
    if (way === 'none') return <NoWayIn />;
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
  return <SessionContext value={{ local: way !== 'none', signOut }}>{children}</SessionContext>;
}

const Splash = () => (
  <div className="gate">
    <div className="gate-card splash">
      <Logo />
      <Loading what="the dashboard" lines={3} />
    </div>
  </div>
);

const NoWayIn = () => (
  <main className="gate">
    <title>Sign in · The Citadel</title>
    <div className="gate-card">
      <Logo />
      <h1>Signing in is not set up</h1>
      <p className="soft">
        Set <code>CLERK_ISSUER</code>, <code>CLERK_AUTHORIZED_PARTIES</code> and{' '}
        <code>CLERK_PUBLISHABLE_KEY</code> and start the engine again. To look around on your own machine,
        start it with <code>--local-issuer</code>.
      </p>
    </div>
  </main>
);

export const Unreachable = ({ error, retry }: { error: Error; retry(): void }) => (
  <main className="gate">
    <div className="gate-card">
      <Logo />
      <h1>The engine does not answer</h1>
      <Notice tone="bad" icon={<IconAlert size={16} aria-hidden />}>
        {error.message}
      </Notice>
      <p className="soft">
        Nothing is lost: what Stripe reports is taken in and worked on whether you look or not.
      </p>
      <Button look="primary" onClick={retry}>
        Try again
      </Button>
    </div>
  </main>
);
