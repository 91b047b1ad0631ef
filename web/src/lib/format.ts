// Money, dates and numbers in the viewer's own locale. Amounts are integers of minor units; how many digits
// a minor unit has is Stripe's rule, which for a few currencies is not the one of Intl.
export const viewerLocale = (): string[] | undefined =>
  typeof navigator === 'undefined' ? undefined : [...navigator.languages];

const noDecimals = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF'.split(' '));
const threeDecimals = new Set('BHD JOD KWD OMR TND'.split(' '));

export function exponentOf(currency: string): number {
  const code = currency.toUpperCase();
  return noDecimals.has(code) ? 0 : threeDecimals.has(code) ? 3 : 2;
}

export const majorUnits = (minor: number, currency: string): number => minor / 10 ** exponentOf(currency);

const cache = new Map<string, Intl.NumberFormat>();
function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let found = cache.get(key);
  if (!found) cache.set(key, (found = new Intl.NumberFormat(viewerLocale(), options)));
  return found;
}

export function money(minor: number, currency: string): string {
  if (!currency) return count(minor);
  const digits = exponentOf(currency);
  return numberFormat({
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(majorUnits(minor, currency));
}

// The same split where the big figure ends, so that cents can be shown smaller.
export function moneyParts(minor: number, currency: string): { main: string; rest: string } {
  const digits = exponentOf(currency);
  const parts = numberFormat({
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).formatToParts(majorUnits(minor, currency));
  const at = parts.findIndex((part) => part.type === 'decimal');
  const fractionEnd = parts.findIndex((part) => part.type === 'fraction');
  // "1.234,50 €": the currency comes after the cents and stays large with them.
  if (at < 0 || fractionEnd < parts.length - 1) return { main: money(minor, currency), rest: '' };
  const text = (from: number, to?: number) =>
    parts
      .slice(from, to)
      .map((part) => part.value)
      .join('');
  return { main: text(0, at), rest: text(at) };
}

export const shortMoney = (minor: number, currency: string): string =>
  numberFormat({
    style: 'currency',
    currency: currency.toUpperCase(),
    notation: 'compact',
    maximumFractionDigits: 1,
  }).format(majorUnits(minor, currency));

export const count = (value: number): string => numberFormat({}).format(value);

export const percent = (share: number, digits = 1): string =>
  numberFormat({ style: 'percent', maximumFractionDigits: digits }).format(share);

export const signedPercent = (share: number): string =>
  numberFormat({ style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' }).format(share);

export const signedCount = (value: number, digits = 0): string =>
  numberFormat({ signDisplay: 'exceptZero', maximumFractionDigits: digits }).format(value);

const dates = new Map<string, Intl.DateTimeFormat>();
function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  let found = dates.get(key);
  if (!found) dates.set(key, (found = new Intl.DateTimeFormat(viewerLocale(), options)));
  return found;
}

export const day = (time: string | number | Date): string =>
  dateFormat({ day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(time));

export const dayAndTime = (time: string | number | Date): string =>
  dateFormat({ day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit' }).format(
    new Date(time),
  );

export const timeOfDay = (time: string | number | Date): string =>
  dateFormat({ hour: 'numeric', minute: '2-digit' }).format(new Date(time));

export const exactTime = (time: string | number | Date): string =>
  dateFormat({ dateStyle: 'full', timeStyle: 'long' }).format(new Date(time));

// A day of the books: a calendar day in UTC, not a moment, so the viewer's zone must not move it.
export const bookDay = (date: string, long = false): string =>
  dateFormat({
    day: 'numeric',
    month: 'short',
    ...(long ? { weekday: 'short', year: 'numeric' } : {}),
    timeZone: 'UTC',
  }).format(new Date(`${date}T00:00:00Z`));

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

// "in 3 days", "2 hours ago"; under a minute: "now".
export function relative(time: string | number | Date, now: number): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(viewerLocale(), { numeric: 'auto' });
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  }
  return format.format(0, 'second');
}
