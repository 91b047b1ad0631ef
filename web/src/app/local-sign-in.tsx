// The local issuer: any name opens that name's account. For the demo and for development only.
import { useState, type FormEvent } from 'react';
import { Button } from '../ui/button';
import { Notice } from '../ui/parts';
import { IconAlert } from '../ui/icons';
import { Logo } from './logo';
import { useLocalAccounts, signInLocally } from './local-issuer';

export default function LocalSignIn({ onSignedIn }: { onSignedIn(): Promise<void> }) {
  const accounts = useLocalAccounts();
  const [email, setEmail] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');

  async function signIn(address: string) {
    setBusy(true);
    setProblem('');
    try {
      await signInLocally(address);
      await onSignedIn();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!busy) void signIn(email.trim());
  }

  return (
    <main className="gate">
      <title>Sign in · The Citadel</title>
      <div className="gate-card">
        <Logo />
        <div>
          <h1>Sign in</h1>
          <p className="soft">See what came back, what is still open, and what happens next.</p>
        </div>
        <Notice tone="warn" icon={<IconAlert size={16} aria-hidden />}>
          <strong>Local sign-in, for the demo.</strong> There is no password: whoever can reach this page can
          open any account. Set <code>CLERK_PUBLISHABLE_KEY</code> for real users.
        </Notice>
        {accounts.length > 0 && (
          <div className="gate-accounts" role="group" aria-label="Accounts of the demo">
            {accounts.map((account) => (
              <Button key={account.email} busy={busy} onClick={() => void signIn(account.email)}>
                <span className="gate-account">
                  <strong>{account.name || account.email}</strong>
                  <span className="soft small">{account.email}</span>
                </span>
              </Button>
            ))}
          </div>
        )}
        <form onSubmit={submit} className="gate-form">
          <label className="field">
            <span className="label">E-mail</span>
            <input
              className="input"
              type="email"
              autoComplete="email"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
              placeholder="you@company.example"
            />
          </label>
          {problem && (
            <p className="bad" role="alert">
              {problem}
            </p>
          )}
          <Button look="primary" type="submit" busy={busy}>
            Sign in
          </Button>
        </form>
      </div>
    </main>
  );
}
