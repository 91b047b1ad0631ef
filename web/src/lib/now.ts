// The engine's own time, which in a demo runs ahead of the wall's. It stands still between two answers.
import { useDashboard } from '../api/queries';

export function useEngineNow(): number {
  const dashboard = useDashboard().data;
  return dashboard ? Date.parse(dashboard.asOf) : Date.now();
}
