// Small pieces that pages are put together from.
import { useEffect, type ReactNode } from 'react';
import * as format from '../lib/format';

export function PageHead({
  title,
  children,
  intro,
}: {
  title: string;
  intro?: ReactNode;
  children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · The Citadel`;
  }, [title]);
  return (
    <header className="page-head">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {intro && <p className="soft">{intro}</p>}
      </div>
      {children && <div className="page-actions">{children}</div>}
    </header>
  );
}

interface CardProps {
  title?: string;
  note?: ReactNode;
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Card({ title, note, aside, className, children }: CardProps) {
  return (
    <section className={`card ${className ?? ''}`} aria-label={title}>
      {title && (
        <header className="card-head">
          <div>
            <h2>{title}</h2>
            {note && <p className="small faint">{note}</p>}
          </div>
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'plain';

export const Badge = ({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) => (
  <span className={`badge ${tone}`}>
    <span className="dot" aria-hidden="true" />
    {children}
  </span>
);

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

export const Empty = ({ icon, title, children, action }: EmptyProps) => (
  <div className="empty">
    {icon && (
      <span className="empty-icon" aria-hidden="true">
        {icon}
      </span>
    )}
    <p className="empty-title">{title}</p>
    {children && <p className="soft">{children}</p>}
    {action}
  </div>
);

export const Notice = ({
  tone = 'plain',
  icon,
  children,
  action,
}: {
  tone?: Tone;
  icon?: ReactNode;
  children: ReactNode;
  action?: ReactNode;
}) => (
  <div className={`notice ${tone}`}>
    {icon}
    <div className="notice-text">{children}</div>
    {action}
  </div>
);

export const Skeleton = ({ lines = 3, height = 14 }: { lines?: number; height?: number }) => (
  <div className="skeletons" aria-hidden="true">
    {Array.from({ length: lines }, (_, i) => (
      <span key={i} className="skeleton" style={{ height, width: `${100 - ((i * 17) % 40)}%` }} />
    ))}
  </div>
);

export const Loading = ({ lines, height, what }: { lines?: number; height?: number; what: string }) => (
  <div role="status">
    <span className="unseen">Loading {what}</span>
    <Skeleton lines={lines} height={height} />
  </div>
);

// A moment, to the minute, with the exact one at hand for those who hover or listen.
export const When = ({ at, brief = false }: { at: string; brief?: boolean }) => (
  <time dateTime={at} title={format.exactTime(at)} className="num">
    {brief ? format.day(at) : format.dayAndTime(at)}
  </time>
);

export const Money = ({ amount, currency }: { amount: number; currency: string }) => (
  <span className="num nowrap">{format.money(amount, currency)}</span>
);

export const Fact = ({ label, children }: { label: string; children: ReactNode }) => (
  <div className="fact">
    <dt>{label}</dt>
    <dd>{children}</dd>
  </div>
);
