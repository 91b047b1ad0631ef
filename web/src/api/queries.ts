// What pages ask for, and what they change. Lists and figures are asked for again every few seconds while the
// page can be seen; a tab in the background asks for nothing.
import {
  keepPreviousData,
  QueryClient,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { api, ApiProblem, body, type Schemas } from './client';

export type Merchant = Schemas['Merchant'];
export type Dashboard = Schemas['Dashboard'];
export type Stats = Schemas['Stats'];
export type DailyMetrics = Schemas['DailyMetrics'];
export type Recovery = Schemas['Recovery'];
export type RecoveryStatus = Schemas['RecoveryStatus'];
export type TimelineEntry = Schemas['TimelineEntry'];
export type Task = Schemas['Task'];
export type TaskStatus = Schemas['TaskStatus'];
export type TaskType = Schemas['TaskType'];
export type Activity = Schemas['Activity'];
export type RetryMode = Schemas['RetryMode'];
export type MerchantPatch = Schemas['MerchantPatch'];
export type EmailTemplate = Schemas['EmailTemplate'];

const live = 5_000;

export const makeQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        refetchOnWindowFocus: true,
        // Without a network the page says so; left to wait for one it would go on calling its figures live.
        networkMode: 'always',
        refetchOnReconnect: true,
        // What was asked wrongly stays wrong; what is away for a moment comes back.
        retry: (failures, error) =>
          failures < 2 && (!(error instanceof ApiProblem) || error.status >= 500 || error.status === 429),
      },
      mutations: { networkMode: 'always' },
    },
  });

export const merchantQuery = queryOptions({
  queryKey: ['merchant'],
  queryFn: () => body(api.GET('/api/merchants/me')),
  staleTime: 30_000,
});
export const useMerchant = (enabled = true) => useQuery({ ...merchantQuery, enabled });

export const useDashboard = () =>
  useQuery({
    queryKey: ['dashboard'],
    queryFn: () => body(api.GET('/api/dashboard')),
    refetchInterval: live,
  });

export const useDailyMetrics = (from: string, to: string) =>
  useQuery({
    queryKey: ['daily', from, to],
    queryFn: () => body(api.GET('/api/metrics/daily', { params: { query: { from, to } } })),
    refetchInterval: live,
    placeholderData: keepPreviousData,
  });

export interface RecoveryFilter {
  status?: RecoveryStatus;
  q?: string;
  limit: number;
  cursor?: string;
}
export const useRecoveries = (filter: RecoveryFilter) =>
  useQuery({
    queryKey: ['recoveries', filter],
    queryFn: () => body(api.GET('/api/recoveries', { params: { query: filter } })),
    refetchInterval: live,
    placeholderData: keepPreviousData,
  });

// Due by the engine's own time, or as good as.
const isDue = ({ status, nextActionAt }: Recovery, asOf: string | undefined) =>
  status === 'open' &&
  nextActionAt !== null &&
  asOf !== undefined &&
  Date.parse(nextActionAt) <= Date.parse(asOf) + 10_000;

export function useRecovery(id: string) {
  const asOf = useDashboard().data?.asOf;
  return useQuery({
    queryKey: ['recovery', id],
    queryFn: () => body(api.GET('/api/recoveries/{id}', { params: { path: { id } } })),
    // Somebody is waiting for what is being done at this moment.
    refetchInterval: ({ state: { data } }) => (data && isDue(data.recovery, asOf) ? 1_000 : live),
  });
}

export interface TaskFilter {
  status?: TaskStatus;
  taskType?: TaskType;
  limit: number;
  cursor?: string;
}
export const useTasks = (filter: TaskFilter) =>
  useQuery({
    queryKey: ['tasks', filter],
    queryFn: () => body(api.GET('/api/tasks', { params: { query: filter } })),
    refetchInterval: live,
    placeholderData: keepPreviousData,
  });

export interface ActivityFilter {
  metricType?: string;
  limit: number;
  cursor?: string;
}
export const useActivity = (filter: ActivityFilter) =>
  useQuery({
    queryKey: ['activity', filter],
    queryFn: () => body(api.GET('/api/activity', { params: { query: filter } })),
    refetchInterval: live,
    placeholderData: keepPreviousData,
  });

export const useTemplate = (kind: string, attempt: number) =>
  useQuery({
    queryKey: ['template', kind, attempt],
    queryFn: () =>
      body(
        api.GET('/api/email-templates/{kind}/{attempt}', {
          params: { path: { kind, attempt: String(attempt) } },
        }),
      ),
    staleTime: Infinity,
  });

// After a change everything that may show it is asked for again.
function useChange<Input, Output>(change: (input: Input) => Promise<Output>, touched: string[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all(touched.map((key) => client.invalidateQueries({ queryKey: [key] }))).then(() => undefined),
  });
}

const figures = ['dashboard', 'recoveries', 'recovery', 'tasks', 'activity', 'daily'];

export const useCollectNow = () =>
  useChange(
    (id: string) => body(api.POST('/api/recoveries/{id}/retry', { params: { path: { id } } })),
    figures,
  );

export const useStopRecovery = () =>
  useChange(
    (id: string) => body(api.POST('/api/recoveries/{id}/stop', { params: { path: { id } } })),
    figures,
  );

export const useRetryTask = () =>
  useChange((id: string) => body(api.POST('/api/tasks/{id}/retry', { params: { path: { id } } })), figures);

export const useDeleteTask = () =>
  useChange((id: string) => body(api.DELETE('/api/tasks/{id}', { params: { path: { id } } })), figures);

export const useForgetCompleted = () =>
  useChange(async () => {
    let deleted = 0;
    for (;;) {
      const answer = await body(api.DELETE('/api/tasks/completed'));
      deleted += answer.deleted;
      if (!answer.hasMore) return deleted;
    }
  }, figures);

export const useSaveSettings = (merchant: Merchant) =>
  useChange(
    (patch: MerchantPatch) =>
      body(
        api.PATCH('/api/merchants/{id}', {
          params: {
            path: { id: merchant.id },
            header: merchant.stripeConnected
              ? { 'X-Merchant-Stripe-Id': merchant.stripeAccountId ?? '' }
              : {},
          },
          body: patch,
        }),
      ),
    ['merchant', 'dashboard'],
  );

export const useConnectStripe = () =>
  useMutation({
    mutationFn: async () => {
      const { url } = await body(api.POST('/api/stripe/connect/authorize'));
      window.location.assign(url);
    },
  });

export const useDisconnectStripe = () =>
  useChange(() => body(api.POST('/api/stripe/disconnect')), ['merchant', ...figures]);

const templatePath = (kind: string, attempt: number) => ({
  params: { path: { kind, attempt: String(attempt) } },
});

export const useSaveTemplate = (kind: string, attempt: number) =>
  useChange(
    (text: Schemas['EmailTemplateBody']) =>
      body(api.PUT('/api/email-templates/{kind}/{attempt}', { ...templatePath(kind, attempt), body: text })),
    ['template'],
  );

export const useResetTemplate = (kind: string, attempt: number) =>
  useChange(
    () => body(api.DELETE('/api/email-templates/{kind}/{attempt}', templatePath(kind, attempt))),
    ['template'],
  );

export const usePreview = (kind: string, attempt: number, text: Schemas['EmailTemplateBody'] | null) =>
  useQuery({
    queryKey: ['preview', kind, attempt, text],
    queryFn: () =>
      body(
        api.POST('/api/email-templates/{kind}/{attempt}/preview', {
          ...templatePath(kind, attempt),
          body: text ?? { subject: '', body: '' },
        }),
      ),
    enabled: text !== null,
    retry: false,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });

export const useSendTest = (kind: string, attempt: number) =>
  useMutation({
    mutationFn: (text: Schemas['EmailTemplateBody']) =>
      body(
        api.POST('/api/email-templates/{kind}/{attempt}/test', {
          ...templatePath(kind, attempt),
          body: text,
        }),
      ),
  });
