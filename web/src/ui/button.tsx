import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link, type LinkProps } from 'react-router';

type Look = 'primary' | 'plain' | 'quiet' | 'danger';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: ReactNode;
  // While what it started is under way: it stays focusable, so that the keyboard does not lose its place.
  busy?: boolean;
}

export function Button({
  look = 'plain',
  icon,
  busy = false,
  children,
  className,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`button ${look} ${children ? '' : 'icon-only'} ${className ?? ''}`}
      aria-disabled={busy || rest.disabled || undefined}
      onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : icon}
      {children}
    </button>
  );
}

export function ButtonLink({
  look = 'plain',
  icon,
  children,
  className,
  ...rest
}: LinkProps & { look?: Look; icon?: ReactNode }) {
  return (
    <Link {...rest} className={`button ${look} ${className ?? ''}`}>
      {icon}
      {children}
    </Link>
  );
}
