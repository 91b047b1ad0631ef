// The ledger: everything that was counted, newest first.
import { Link, useSearchParams } from 'react-router';
import { useActivity, type Activity } from '../api/queries';
import * as format from '../lib/format';
import { usePaging } from '../lib/paging';
import { activityWords, ledgerTypes } from '../lib/words';
import { IconActivity } from '../ui/icons';
import { ListStates } from '../ui/list-states';
import { Pager } from '../ui/pager';
import { Empty, Money, PageHead, When } from '../ui/parts';

export default function ActivityPage() {
  const [params, setParams] = useSearchParams();
  const type = ledgerTypes.find((each) => each === params.get('type')) ?? '';
  const paging = usePaging(type);
  const list = useActivity({
    limit: 50,
    ...(type ? { metricType: type } : {}),
    ...(paging.cursor ? { cursor: paging.cursor } : {}),
  });
  const rows = list.data?.data ?? [];
  return (
    <>
      <PageHead title="Activity" intro="The ledger behind every figure: what happened, and for how much." />
      <div className="toolbar">
        <label className="filter">
          <span className="unseen">What happened</span>
          <select
            className="select"
            value={type}
            onChange={(event) =>
              setParams(event.target.value ? { type: event.target.value } : {}, { replace: true })
            }
          >
            <option value="">Everything</option>
            {ledgerTypes.map((each) => (
              <option key={each} value={each}>
                {activityWords(each)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <section className="card flush" aria-label="Activity" aria-busy={list.isPlaceholderData}>
        <ListStates
          what="activity"
          query={list}
          empty={rows.length === 0 && !list.data?.nextCursor}
          whenEmpty={
            <Empty
              icon={<IconActivity size={20} />}
              title={type ? 'Nothing of this kind yet' : 'Nothing has happened yet'}
            >
              What Stripe reports and what the engine does is written down here.
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

const Table = ({ rows }: { rows: Activity[] }) => (
  <div className="table-scroll">
    <table className="table">
      <thead>
        <tr>
          <th scope="col">What happened</th>
          <th scope="col" className="right">
            Amount
          </th>
          <th scope="col" className="not-narrow">
            Recovery
          </th>
          <th scope="col" className="not-narrow">
            Event
          </th>
          <th scope="col" className="not-narrow">
            When
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>
              <span className="ledger-what">
                <span className={`latest-mark ${row.metricType}`} aria-hidden="true" />
                {activityWords(row.metricType)}
                {row.quantity !== 1 && <span className="faint num">× {format.count(row.quantity)}</span>}
              </span>
              <span className="narrow-only soft small">
                <When at={row.occurredAt} />
              </span>
            </td>
            <td className="right">
              {row.currency && row.amount !== 0 ? (
                <Money amount={row.amount} currency={row.currency} />
              ) : (
                <span className="faint">–</span>
              )}
            </td>
            <td className="num not-narrow">
              {row.recoveryId ? (
                <Link to={`/recoveries/${row.recoveryId}`}>No. {row.recoveryId}</Link>
              ) : (
                <span className="faint">–</span>
              )}
            </td>
            <td className="faint small not-narrow">
              <code>{row.eventId ?? '–'}</code>
            </td>
            <td className="soft nowrap not-narrow">
              <When at={row.occurredAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
