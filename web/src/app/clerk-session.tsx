// Signing in with Clerk's own components. They and their script are loaded only where a key is set.
import { ClerkProvider, SignedIn, SignedOut, SignIn, useAuth } from '@clerk/clerk-react';
import { useEffect, useState, type ReactNode } from 'react';
import { takeTokensFrom } from '../api/client';
import { SessionContext } from './session-context';

export default function ClerkSession({
  publishableKey,
  children,
}: {
  publishableKey: string;
  children: ReactNode;
}) {
  return (
    <ClerkProvider publishableKey={publishableKey} afterSignOutUrl="/">
      <SignedOut>
        <main className="gate">
          <SignIn routing="hash" />
        </main>
      </SignedOut>
      <SignedIn>
        <WithToken>{children}</WithToken>
      </SignedIn>
    </ClerkProvider>
  );
}

function WithToken({ children }: { children: ReactNode }) {
  const { getToken, signOut } = useAuth();
  const [ready, setReady] = useState(false);
  useEffect(() => {
    takeTokensFrom(() => getToken());
    setReady(true);
    return () => takeTokensFrom(null);
  }, [getToken]);
  if (!ready) return null;
  return <SessionContext value={{ local: false, signOut }}>{children}</SessionContext>;
}
