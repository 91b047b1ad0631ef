// Days of the books and their sums: this period against the one before it, currency by currency.
import type { DailyMetrics } from '../api/queries';

const oneDay = 86_400_000;

export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * oneDay).toISOString().slice(0, 10);

export interface Period {
  days: number;
  from: string;
  to: string;
  // The period of the same length before it.
  previousFrom: string;
}

export function periodEnding(today: string, days: number): Period {
  return { days, to: today, from: addDays(today, 1 - days), previousFrom: addDays(today, 1 - 2 * days) };
}

export interface Sums {
  failed: number;
  failedCount: number;
  recovered: number;
  recoveredCount: number;
  attempts: number;
  emails: number;
  opens: number;
  clicks: number;
}

const nothing = (): Sums => ({
  failed: 0,
  failedCount: 0,
  recovered: 0,
  recoveredCount: 0,
  attempts: 0,
  emails: 0,
  opens: 0,
  clicks: 0,
});

function add(sums: Sums, row: DailyMetrics) {
  sums.failed += row.failedAmount;
  sums.failedCount += row.failedCount;
  sums.recovered += row.recoveredAmount - row.reversedAmount;
  sums.recoveredCount += row.recoveredCount - row.reversedCount;
  sums.attempts += row.attempts;
  sums.emails += row.emailsSent;
  sums.opens += row.opens;
  sums.clicks += row.clicks;
}

export interface Totals {
  byCurrency: Map<string, Sums>;
  all: Sums; // counts only make sense here: money of several currencies has no sum
}

export function sum(rows: DailyMetrics[], from: string, to: string): Totals {
  const totals: Totals = { byCurrency: new Map(), all: nothing() };
  for (const row of rows) {
    if (row.date < from || row.date > to) continue;
    add(totals.all, row);
    if (!row.currency) continue;
    const own = totals.byCurrency.get(row.currency) ?? nothing();
    totals.byCurrency.set(row.currency, own);
    add(own, row);
  }
  return totals;
}

export interface DayPoint {
  date: string;
  failed: number;
  recovered: number;
}

// Every day of the period, those without a row as zeros; as they were or added up from the first on.
export function days(rows: DailyMetrics[], period: Period, currency: string, addedUp: boolean): DayPoint[] {
  const byDate = new Map(rows.filter((row) => row.currency === currency).map((row) => [row.date, row]));
  const points: DayPoint[] = [];
  let failed = 0;
  let recovered = 0;
  for (let date = period.from; date <= period.to; date = addDays(date, 1)) {
    const row = byDate.get(date);
    const f = row?.failedAmount ?? 0;
    const r = row ? row.recoveredAmount - row.reversedAmount : 0;
    failed = addedUp ? failed + f : f;
    recovered = addedUp ? recovered + r : r;
    points.push({ date, failed, recovered });
  }
  return points;
}

// Change in parts of what was: null when there was nothing to compare with.
export const change = (now: number, before: number): number | null =>
  before > 0 ? (now - before) / before : null;
export const rate = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
