/** A button that opens a list of things to do: closed by Escape, by a choice, and by a click elsewhere. */
import { type ReactNode, useEffect, useRef, useState } from 'react';

interface MenuProps {
  readonly label: string;
  readonly button: ReactNode;
  readonly className?: string;
  readonly children: (close: () => void) => ReactNode;
}

export function Menu({ label, button, className = '', children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const leave = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !box.current?.contains(event.target as Node))
        setOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('keydown', leave);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('keydown', leave);
    };
  }, [open]);
  return (
    <div className={`menu ${className}`} ref={box}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="unseen">{label}: </span>
        {button}
      </button>
      {open && <div className="menu-list">{children(() => setOpen(false))}</div>}
    </div>
  );
}
