// A few choices side by side, one of them on.
import { Toggle } from '@base-ui/react/toggle';
import { ToggleGroup } from '@base-ui/react/toggle-group';

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: { value: T; label: string; count?: string }[];
  onChange(value: T): void;
}

export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <ToggleGroup
      aria-label={label}
      className="choice"
      value={[value]}
      onValueChange={(next) => {
        const chosen = options.find((option) => option.value === next[0]);
        if (chosen) onChange(chosen.value);
      }}
    >
      {options.map((option) => (
        <Toggle key={option.value} value={option.value} className="choice-item">
          {option.label}
          {option.count !== undefined && <span className="choice-count num">{option.count}</span>}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
