// A list that is loading, could not be loaded, or is empty.
import type { ReactNode } from 'react';
import { Button } from './button';
import { IconAlert } from './icons';
import { useFailure, type Asked } from '../lib/use-failure';
import { Empty, Loading } from './parts';

interface Props {
  what: string;
  query: Asked & { isPending: boolean; refetch(): unknown };
  empty: boolean;
  whenEmpty: ReactNode;
  children: ReactNode;
}

export function ListStates({ what, query, empty, whenEmpty, children }: Props) {
  const failure = useFailure(query);
  if (query.isPending && !failure) {
    return (
      <div className="list-waiting">
        <Loading what={what} lines={8} height={20} />
      </div>
    );
  }
  if (query.data === undefined) {
    return (
      <Empty
        icon={<IconAlert size={20} />}
        title={`The ${what} could not be loaded`}
        action={
          <Button look="primary" onClick={() => query.refetch()}>
            Try again
          </Button>
        }
      >
        {failure?.message}
      </Empty>
    );
  }
  return empty ? whenEmpty : children;
}
