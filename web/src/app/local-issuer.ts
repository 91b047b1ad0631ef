// Talks to the engine's local issuer (/dev), which is there only where it was asked for, as in the demo.
import { useQuery } from '@tanstack/react-query';

export interface LocalAccount {
  name: string;
  email: string;
}

async function ask(path: string, init?: RequestInit): Promise<Response> {
  const answer = await fetch(path, init);
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
  throw new Error(problem.detail ?? `The engine answered ${answer.status}.`);
}

// The merchants that are there already, to pick from.
export const useLocalAccounts = (): LocalAccount[] =>
  useQuery({
    queryKey: ['local-accounts'],
    queryFn: async () => ((await (await ask('/dev/accounts')).json()) as { data: LocalAccount[] }).data,
    retry: false,
  }).data ?? [];

export const signInLocally = (email: string) =>
  ask('/dev/sign-in', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email }),
  });

export const signOutLocally = () => ask('/dev/sign-out', { method: 'POST' });
