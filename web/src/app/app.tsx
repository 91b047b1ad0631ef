import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { Component, lazy, useState, type ReactNode } from 'react';
import { createBrowserRouter, RouterProvider, useRouteError } from 'react-router';
import { makeQueryClient } from '../api/queries';
import { Button } from '../ui/button';
import { Empty } from '../ui/parts';
import { ToastShelf } from '../ui/toasts';
import { Session } from './session';
import { Shell } from './shell';

// One script a page: the first view carries only what it shows.
const Overview = lazy(() => import('../pages/overview/overview'));
const Recoveries = lazy(() => import('../pages/recoveries/recoveries'));
const OneRecovery = lazy(() => import('../pages/recoveries/one-recovery'));
const Tasks = lazy(() => import('../pages/tasks'));
const ActivityPage = lazy(() => import('../pages/activity'));
const Templates = lazy(() => import('../pages/templates/templates'));
const Settings = lazy(() => import('../pages/settings/settings'));
const NotFound = lazy(() => import('../pages/not-found'));

const router = createBrowserRouter([
  {
    path: '/',
    Component: Shell,
    children: [
      {
        ErrorBoundary: Broken,
        children: [
          { index: true, Component: Overview },
          { path: 'recoveries', Component: Recoveries },
          { path: 'recoveries/:id', Component: OneRecovery },
          { path: 'tasks', Component: Tasks },
          { path: 'activity', Component: ActivityPage },
          { path: 'templates', Component: Templates },
          { path: 'templates/:kind/:attempt', Component: Templates },
          { path: 'settings', Component: Settings },
          { path: '*', Component: NotFound },
        ],
      },
    ],
  },
]);

// A page that broke, most often because a newer version was put in place while this one was open.
function Broken() {
  const error = useRouteError();
  return <BrokenPage error={error} />;
}

const BrokenPage = ({ error }: { error: unknown }) => (
  <Empty
    title="This page broke"
    action={
      <Button look="primary" onClick={() => window.location.reload()}>
        Load it again
      </Button>
    }
  >
    {error instanceof Error ? error.message : 'Something unexpected happened.'}
  </Empty>
);

class LastResort extends Component<{ children: ReactNode }, { error: unknown }> {
  state = { error: undefined as unknown };
  static getDerivedStateFromError = (error: unknown) => ({ error });
  render() {
    return this.state.error === undefined ? this.props.children : <BrokenPage error={this.state.error} />;
  }
}

export function App() {
  const [client] = useState(makeQueryClient);
  return (
    <LastResort>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={client}>
          <Session>
            <RouterProvider router={router} />
          </Session>
          <ToastShelf />
        </QueryClientProvider>
      </CSPProvider>
    </LastResort>
  );
}
