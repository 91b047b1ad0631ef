// Why there is nothing to show. A query that failed forgets its error when it asks again, as it does every few
// seconds; without this the page would flicker between waiting and error, and take the button from under a finger.
import { useState } from 'react';

export interface Asked {
  error: Error | null;
  errorUpdateCount: number;
  data?: unknown;
}

export function useFailure({ error, errorUpdateCount, data }: Asked): Error | null {
  const [last, setLast] = useState(error);
  if (error && error !== last) setLast(error);
  return data === undefined && errorUpdateCount > 0 ? (error ?? last) : null;
}
