// The queue: what waits, runs, is done or failed; with another try and deletion where the engine allows it.
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import {
  useDeleteTask,
  useForgetCompleted,
  useRetryTask,
  useTasks,
  type Task,
  type TaskStatus,
  type TaskType,
} from '../api/queries';
import * as format from '../lib/format';
import { useEngineNow } from '../lib/now';
import { usePaging } from '../lib/paging';
import { taskStatusWords, taskTypeWords } from '../lib/words';
import { Button } from '../ui/button';
import { Choice } from '../ui/choice';
import { Confirm } from '../ui/confirm';
import { IconRecover, IconTasks, IconTrash } from '../ui/icons';
import { ListStates } from '../ui/list-states';
import { Pager } from '../ui/pager';
import { Badge, Empty, PageHead, When } from '../ui/parts';
import { say, sayError } from '../ui/toasts';

const statuses: { value: TaskStatus | 'all'; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'pending', label: 'Waiting' },
  { value: 'running', label: 'Running' },
  { value: 'completed', label: 'Done' },
  { value: 'failed', label: 'Failed' },
];

export default function Tasks() {
  const [params, setParams] = useSearchParams();
  const status = statuses.find((each) => each.value === params.get('status'))?.value ?? 'all';
  const type = (Object.keys(taskTypeWords) as TaskType[]).find((each) => each === params.get('type'));
  const paging = usePaging(`${status} ${type ?? ''}`);
  const list = useTasks({
    limit: 25,
    ...(status === 'all' ? {} : { status }),
    ...(type ? { taskType: type } : {}),
    ...(paging.cursor ? { cursor: paging.cursor } : {}),
  });
  const rows = list.data?.data ?? [];
  const filterBy = (next: { status?: string; type?: string }) =>
    setParams(
      Object.entries({ status, type: type ?? '', ...next }).filter(
        ([, value]) => value !== '' && value !== 'all',
      ) as [string, string][],
      { replace: true },
    );

  return (
    <>
      <PageHead title="Tasks" intro="What the engine has to do for you, when, and what came of it.">
        <ForgetCompleted />
      </PageHead>
      <div className="toolbar">
        <Choice
          label="Status"
          value={status}
          options={statuses}
          onChange={(next) => filterBy({ status: next })}
        />
        <label className="filter">
          <span className="unseen">Kind of task</span>
          <select
            className="select"
            value={type ?? ''}
            onChange={(event) => filterBy({ type: event.target.value })}
          >
            <option value="">Every kind</option>
            {Object.entries(taskTypeWords).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      <section className="card flush" aria-label="Tasks" aria-busy={list.isPlaceholderData}>
        <ListStates
          what="tasks"
          query={list}
          empty={rows.length === 0}
          whenEmpty={
            <Empty icon={<IconTasks size={20} />} title="No tasks here">
              Tasks appear by themselves when a renewal fails.
            </Empty>
          }
        >
          <Table rows={rows} />
          <Pager paging={paging} nextCursor={list.data?.nextCursor} busy={list.isPlaceholderData} />
        </ListStates>
      </section>
    </>
  );
}

function Table({ rows }: { rows: Task[] }) {
  const [doomed, setDoomed] = useState<Task | null>(null);
  const remove = useDeleteTask();
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Task</th>
            <th scope="col" className="not-narrow">
              Status
            </th>
            <th scope="col" className="not-narrow">
              Time
            </th>
            <th scope="col" className="not-narrow">
              What came of it
            </th>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} onDelete={() => setDoomed(row)} />
          ))}
        </tbody>
      </table>
      <Confirm
        open={doomed !== null}
        onOpenChange={(open) => !open && setDoomed(null)}
        title="Delete this task?"
        action="Delete it"
        danger
        busy={remove.isPending}
        onConfirm={() =>
          doomed &&
          remove.mutate(doomed.id, {
            onSuccess: () => say('Task deleted'),
            onError: (error) => sayError('It was not deleted', error),
            onSettled: () => setDoomed(null),
          })
        }
      >
        <p>
          {doomed?.status === 'pending' && doomed.recoveryId
            ? 'If this is the last task that waits for its recovery, that recovery is stopped with it: nothing more is charged or written.'
            : 'Only its entry in this list goes. What it did stays in the recovery’s timeline.'}
        </p>
      </Confirm>
    </div>
  );
}

function Row({ row, onDelete }: { row: Task; onDelete(): void }) {
  const retry = useRetryTask();
  const now = useEngineNow();
  const { label, tone } = taskStatusWords[row.status];
  const at = row.finishedAt ?? row.runAt;
  const name = row.renewal ? 'Look at a card before its renewal' : taskTypeWords[row.taskType];
  return (
    <tr>
      <td>
        <span className="stack">
          <span className="nowrap">
            {row.recoveryId ? <Link to={`/recoveries/${row.recoveryId}`}>{name}</Link> : name}
          </span>
          <span className="faint small num">
            No. {row.id}
            {row.tries > 1 && ` · ${format.count(row.tries)} tries`}
            {row.deferrals > 0 && ` · put off ${format.count(row.deferrals)}×`}
          </span>
          <span className="narrow-only row-more">
            <Badge tone={tone}>{label}</Badge>
            <span className="soft small">{format.relative(at, now)}</span>
          </span>
          {row.result && (
            <span className="narrow-only soft small">
              <span className="result-text">{row.result}</span>
            </span>
          )}
        </span>
      </td>
      <td className="not-narrow">
        <Badge tone={tone}>{label}</Badge>
      </td>
      <td className="nowrap not-narrow">
        <span className="stack">
          <When at={at} />
          <span className="faint small">{format.relative(at, now)}</span>
        </span>
      </td>
      <td className="soft result not-narrow">
        <span className="result-text">{row.result ?? '–'}</span>
      </td>
      <td>
        <span className="actions">
          {(row.status === 'pending' || row.status === 'failed') && (
            <Button
              look="quiet"
              className="slim"
              busy={retry.isPending}
              icon={<IconRecover size={15} aria-hidden />}
              aria-label={`${row.status === 'failed' ? 'Try again' : 'Run now'}: task ${row.id}`}
              onClick={() =>
                retry.mutate(row.id, {
                  onSuccess: () => say('In line', 'The task runs as soon as a worker is free.'),
                  onError: (error) => sayError('It was not put in line', error),
                })
              }
            >
              {row.status === 'failed' ? 'Try again' : 'Run now'}
            </Button>
          )}
          {row.status !== 'running' && (
            <Button
              look="quiet"
              className="slim"
              icon={<IconTrash size={15} aria-hidden />}
              aria-label={`Delete task ${row.id}`}
              onClick={onDelete}
            />
          )}
        </span>
      </td>
    </tr>
  );
}

function ForgetCompleted() {
  const [asking, setAsking] = useState(false);
  const forget = useForgetCompleted();
  return (
    <>
      <Button icon={<IconTrash size={15} aria-hidden />} onClick={() => setAsking(true)}>
        Clear what is done
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Clear all tasks that are done?"
        action="Clear them"
        busy={forget.isPending}
        onConfirm={() =>
          forget.mutate(undefined, {
            onSuccess: (deleted) =>
              say('Cleared', `${format.count(deleted)} tasks were removed from the list.`),
            onError: (error) => sayError('They were not cleared', error),
            onSettled: () => setAsking(false),
          })
        }
      >
        <p>They only leave this list. Recoveries, timelines and figures stay as they are.</p>
      </Confirm>
    </>
  );
}
