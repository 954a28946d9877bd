/** The mark: a W over a rail, as a signal box would paint it. */
export const Mark = ({ size = 22 }: { readonly size?: number }) => (
  <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="7" />
    <path d="M6 23h20M8 9l3.6 10L16 10l4.4 9L24 9" />
  </svg>
);
