// Talks to the engine's local issuer (/dev), which is there only where Clerk is not set up.
export interface LocalAccount {
  name: string;
  email: string;
}

// The demo's own merchants, to pick from. Not offered yet by this engine: the field is always there to type in.
export const useLocalAccounts = (): LocalAccount[] => [];

export async function signInLocally(email: string): Promise<void> {
  const answer = await fetch('/dev/sign-in', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email }),
  });
  if (answer.ok) return;
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
  throw new Error(problem.detail ?? `The engine answered ${answer.status}.`);
}
