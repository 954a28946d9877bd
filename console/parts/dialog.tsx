/** A dialog over the page: the browser's own, which keeps the focus inside and gives it back (HTML §4.11.4). */
import { type ReactNode, useEffect, useRef } from 'react';

interface DialogProps {
  readonly label: string;
  readonly close: () => void;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Dialog({ label, close, className = '', children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself; the click is for its backdrop
    <dialog
      ref={box}
      aria-label={label}
      className={className}
      onCancel={close}
      onClick={(event) => {
        if (event.target === box.current) close();
      }}
    >
      {children}
    </dialog>
  );
}
