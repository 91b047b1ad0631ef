export const Mark = ({ size = 24 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="mark">
    <rect width="32" height="32" rx="8" className="mark-field" />
    <path
      d="M8 9h3.4v3h3V9h3.2v3h3V9H24v7.2c0 4.200-3.200 6.900-8 8.800-4.800-1.900-8-4.600-8-8.800z"
      className="mark-wall"
    />
  </svg>
);

export const Logo = () => (
  <span className="logo">
    <Mark />
    <span>The Citadel</span>
  </span>
);
