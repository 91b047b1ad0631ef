import { createContext, use } from 'react';

interface SessionValue {
  // Signed in by the local issuer: there are no passwords, and the pages say so.
  local: boolean;
  signOut(): Promise<void>;
}

export const SessionContext = createContext<SessionValue>({ local: false, signOut: async () => {} });
export const useSession = () => use(SessionContext);
