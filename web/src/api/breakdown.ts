// What came back by whom, and why renewals fail: the sums that the daily figures do not carry.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, body, type Schemas } from './client';

export type Breakdown = Schemas['Breakdown'];

export const useBreakdown = (from: string, to: string) =>
  useQuery({
    queryKey: ['breakdown', from, to],
    queryFn: () => body(api.GET('/api/metrics/breakdown', { params: { query: { from, to } } })),
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });
