// A field that filters what is below it. `/` goes to it from anywhere, Escape empties it.

import { useEffect, useRef } from 'react';
import './filter-box.css';

interface FilterBoxProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label: string;
  readonly placeholder: string;
  readonly hint?: string;
}

export function FilterBox({ value, onChange, label, placeholder, hint }: FilterBoxProps) {
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest('input, textarea, dialog') !== null;
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);

  return (
    <span className="filter-box">
      <input
        ref={field}
        type="search"
        className="field"
        aria-label={label}
        aria-keyshortcuts="/"
        placeholder={placeholder}
        title={hint}
        spellCheck={false}
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onChange('');
        }}
      />
      {value === '' && <kbd aria-hidden="true">/</kbd>}
    </span>
  );
}
