// All recoveries: by status, by search, page by page.
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useDashboard, useRecoveries, type Recovery, type RecoveryStatus } from '../../api/queries';
import * as format from '../../lib/format';
import { useEngineNow } from '../../lib/now';
import { usePaging } from '../../lib/paging';
import { useSettled } from '../../lib/use-settled';
import { causeWords, declineWords, reasonWords, statusWords } from '../../lib/words';
import { ButtonLink } from '../../ui/button';
import { Choice } from '../../ui/choice';
import { IconRecover, IconSearch } from '../../ui/icons';
import { ListStates } from '../../ui/list-states';
import { Pager } from '../../ui/pager';
import { Badge, Empty, Money, PageHead, When } from '../../ui/parts';

const filters: { value: RecoveryStatus | 'all'; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'open', label: 'In recovery' },
  { value: 'recovered', label: 'Recovered' },
  { value: 'stopped', label: 'Stopped' },
  { value: 'exhausted', label: 'Not recovered' },
];

export default function Recoveries() {
  const [params, setParams] = useSearchParams();
  const asked = params.get('status');
  const status = filters.find((each) => each.value === asked)?.value ?? 'all';
  const [words, setWords] = useState(params.get('q') ?? '');
  const q = useSettled(words.trim());
  const paging = usePaging(`${status} ${q}`);
  const list = useRecoveries({
    limit: 25,
    ...(status === 'all' ? {} : { status }),
    ...(q ? { q } : {}),
    ...(paging.cursor ? { cursor: paging.cursor } : {}),
  });
  const open = useDashboard().data?.stats.openRecoveries;
  const rows = list.data?.data ?? [];
  const filtered = status !== 'all' || q !== '';

  return (
    <>
      <PageHead title="Recoveries" intro="Every renewal that failed, and how far its recovery has come." />
      <div className="toolbar">
        <Choice
          label="Status"
          value={status}
          options={filters.map((each) => ({
            ...each,
            count: each.value === 'open' && open !== undefined ? format.count(open) : undefined,
          }))}
          onChange={(next) => setParams(next === 'all' ? {} : { status: next }, { replace: true })}
        />
        <label className="search">
          <span className="unseen">Search by customer or invoice</span>
          <IconSearch size={16} aria-hidden />
          <input
            className="input"
            type="search"
            placeholder="Customer or invoice"
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
        </label>
      </div>
      <section className="card flush" aria-label="Recoveries" aria-busy={list.isPlaceholderData}>
        <ListStates
          what="recoveries"
          query={list}
          empty={rows.length === 0}
          whenEmpty={
            <Empty
              icon={<IconRecover size={20} />}
              title={filtered ? 'Nothing fits' : 'No renewal has failed yet'}
              action={
                filtered ? (
                  <ButtonLink to="/recoveries" onClick={() => setWords('')}>
                    Show all
                  </ButtonLink>
                ) : undefined
              }
            >
              {filtered
                ? 'No recovery has this status and these words.'
                : 'When one fails, it appears here with the reason and what comes next.'}
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

const Table = ({ rows }: { rows: Recovery[] }) => (
  <div className="table-scroll">
    <table className="table recoveries-table">
      <thead>
        <tr>
          <th scope="col">Customer</th>
          <th scope="col" className="wide-only">
            Invoice
          </th>
          <th scope="col" className="right">
            Amount
          </th>
          <th scope="col" className="not-narrow">
            Status
          </th>
          <th scope="col" className="not-narrow">
            Why it failed
          </th>
          <th scope="col" className="not-narrow">
            Next, or how it ended
          </th>
          <th scope="col" className="not-narrow">
            Failed on
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </tbody>
    </table>
  </div>
);

export const nameOf = (row: Recovery) =>
  row.customerName || row.customerEmail || row.customerId || row.invoiceId;

function Row({ row }: { row: Recovery }) {
  const name = nameOf(row);
  return (
    <tr>
      <td>
        <span className="stack">
          <Link to={`/recoveries/${row.id}`} className="row-link">
            {name}
          </Link>
          <span className="faint small clip">
            {row.customerEmail && row.customerEmail !== name
              ? row.customerEmail
              : row.invoiceNumber || row.invoiceId}
          </span>
          <span className="narrow-only row-more">
            <Status row={row} />
            <span className="soft small">
              <Next row={row} />
            </span>
          </span>
        </span>
      </td>
      <td className="soft num nowrap wide-only">{row.invoiceNumber || row.invoiceId}</td>
      <td className="right">
        <Money
          amount={row.status === 'recovered' ? row.amountRecovered : row.amountDue}
          currency={row.currency}
        />
      </td>
      <td className="not-narrow">
        <Status row={row} />
      </td>
      <td className="soft why not-narrow">{row.declineCode ? declineWords(row.declineCode) : '–'}</td>
      <td className="soft not-narrow">
        <Next row={row} />
      </td>
      <td className="soft nowrap not-narrow">
        <When at={row.firstFailedAt} brief />
      </td>
    </tr>
  );
}

function Status({ row }: { row: Recovery }) {
  if (row.status === 'open' && row.needsCustomer) return <Badge tone="warn">Needs the customer</Badge>;
  const { label, tone } = statusWords[row.status];
  return <Badge tone={tone}>{label}</Badge>;
}

function Next({ row }: { row: Recovery }) {
  const now = useEngineNow();
  if (row.status === 'recovered') return row.cause ? causeWords(row.cause) : 'Paid';
  if (row.status !== 'open') return row.reason ? reasonWords(row.reason) : 'Ended';
  if (!row.nextActionAt) return 'Waiting for the customer';
  return (
    <time dateTime={row.nextActionAt} title={format.exactTime(row.nextActionAt)}>
      {Date.parse(row.nextActionAt) <= now ? 'Now' : format.relative(row.nextActionAt, now)}
    </time>
  );
}
