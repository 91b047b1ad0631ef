import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';
import { Switch } from '@base-ui/react/switch';
import { useId, useMemo, type ReactNode } from 'react';
import type { Merchant, RetryMode } from '../../api/queries';
import { modes } from '../../lib/words';
import type { Draft } from './settings';

interface SectionProps {
  draft: Draft;
  change(patch: Partial<Draft>): void;
}

export const Section = ({
  title,
  note,
  children,
}: {
  title: string;
  note: ReactNode;
  children: ReactNode;
}) => (
  <section className="card setting" aria-label={title}>
    <div className="setting-about">
      <h2>{title}</h2>
      <p className="soft small">{note}</p>
    </div>
    <div className="setting-fields">{children}</div>
  </section>
);

export const Mode = ({ draft, change }: SectionProps) => (
  <Section
    title="Mode"
    note="Who drives the retries. You can change this at any time; open recoveries follow from their next step on."
  >
    <RadioGroup
      aria-label="Mode"
      className="modes"
      value={draft.retryMode}
      onValueChange={(next) => change({ retryMode: next as RetryMode })}
    >
      {(Object.keys(modes) as RetryMode[]).map((mode) => (
        <label key={mode} className="mode">
          <Radio.Root
            value={mode}
            className="radio"
            aria-labelledby={`mode-${mode}`}
            aria-describedby={`mode-${mode}-is`}
          >
            <Radio.Indicator className="radio-dot" />
          </Radio.Root>
          <span>
            <span id={`mode-${mode}`} className="mode-name">
              {modes[mode].label} <span className="soft">{modes[mode].brief}</span>
            </span>
            <span id={`mode-${mode}-is`} className="soft small block">
              {modes[mode].long}
            </span>
          </span>
        </label>
      ))}
    </RadioGroup>
  </Section>
);

interface TextFieldProps {
  label: string;
  value: string;
  onChange(value: string): void;
  help?: string;
  type?: string;
  placeholder?: string;
  pattern?: string;
  maxLength?: number;
  autoComplete?: string;
}

function TextField({ label, value, onChange, help, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        className="input"
        value={value}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={(event) => onChange(event.target.value)}
        {...rest}
      />
      {help && (
        <p id={`${id}-help`} className="help">
          {help}
        </p>
      )}
    </div>
  );
}

export const Sender = ({ draft, change, merchant }: SectionProps & { merchant: Merchant }) => (
  <Section title="Sender" note="Whom your customers see the letters come from, and where their answers go.">
    <TextField
      label="Name"
      value={draft.fromName}
      maxLength={100}
      placeholder={merchant.name || 'Your company'}
      autoComplete="organization"
      onChange={(fromName) => change({ fromName })}
    />
    <TextField
      label="Answers go to"
      type="email"
      value={draft.replyTo}
      placeholder={merchant.email}
      onChange={(replyTo) => change({ replyTo })}
    />
    <TextField
      label="Support address"
      type="email"
      value={draft.supportEmail}
      help="Stands at the foot of each letter."
      onChange={(supportEmail) => change({ supportEmail })}
    />
  </Section>
);

export const Brand = ({ draft, change, name }: SectionProps & { name: string }) => (
  <Section title="Brand" note="The color of the button and the logo at the head of each letter.">
    <div className="field">
      <label className="label" htmlFor="brand-color">
        Color
      </label>
      <span className="color-field">
        <input
          type="color"
          aria-label="Pick a color"
          value={/^#[0-9a-f]{6}$/i.test(draft.brandColor) ? draft.brandColor : '#000000'}
          onChange={(event) => change({ brandColor: event.target.value })}
        />
        <input
          id="brand-color"
          className="input mono"
          value={draft.brandColor}
          pattern="#[0-9A-Fa-f]{6}"
          title="# and six hexadecimal digits"
          onChange={(event) => change({ brandColor: event.target.value })}
        />
      </span>
    </div>
    <TextField
      label="Logo"
      type="url"
      value={draft.logoUrl}
      placeholder="https://"
      pattern="https://.+"
      help="An https address of a picture, about 200 pixels wide."
      onChange={(logoUrl) => change({ logoUrl })}
    />
    <div className="brand-preview" aria-hidden="true" style={{ borderTopColor: draft.brandColor }}>
      <strong>{name}</strong>
      <span className="brand-line" />
      <span className="brand-line short" />
      <span
        className="brand-button"
        style={{ background: draft.brandColor, color: textOn(draft.brandColor) }}
      >
        Pay or change card
      </span>
    </div>
  </Section>
);

// Black or white, whichever is easier to read on the color: as the letters do it.
function textOn(color: string): string {
  if (!/^#[0-9a-f]{6}$/i.test(color)) return '#fff';
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(color.slice(i, i + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000' : '#fff';
}

// The languages that letters are written in (data/letters), where it matters with a region.
const locales = ['en', 'en-GB', 'de', 'de-AT', 'de-CH', 'es', 'fr', 'pt', 'pt-BR'];

export function Place({ draft, change }: SectionProps) {
  const zones = useMemo(() => {
    const known = Intl.supportedValuesOf('timeZone');
    return ['UTC', ...known.filter((zone) => zone !== 'UTC')];
  }, []);
  return (
    <Section
      title="Place and language"
      note="When your day begins and ends, and how letters write dates and amounts."
    >
      <label className="field">
        <span className="label">Time zone</span>
        <select
          className="select"
          value={draft.timezone}
          onChange={(event) => change({ timezone: event.target.value })}
        >
          {!zones.includes(draft.timezone) && <option>{draft.timezone}</option>}
          {zones.map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </select>
      </label>
      <label className="field">
        <span className="label">Language of letters</span>
        <select
          className="select"
          value={draft.locale}
          onChange={(event) => change({ locale: event.target.value })}
        >
          {[...new Set([draft.locale, ...locales])].map((tag) => (
            <option key={tag} value={tag}>
              {nameOfLocale(tag)}
            </option>
          ))}
        </select>
      </label>
      <TextField
        label="Billing country"
        value={draft.billingCountry}
        pattern="[A-Z]{2}"
        maxLength={2}
        placeholder="DE"
        help="Two capital letters."
        onChange={(billingCountry) => change({ billingCountry: billingCountry.toUpperCase() })}
      />
      <div className="field">
        <label className="label" htmlFor="billing-address">
          Billing address
        </label>
        <textarea
          id="billing-address"
          className="input"
          rows={3}
          maxLength={500}
          value={draft.billingAddress}
          onChange={(event) => change({ billingAddress: event.target.value })}
        />
      </div>
    </Section>
  );
}

function nameOfLocale(tag: string): string {
  try {
    return new Intl.DisplayNames([...navigator.languages], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag; // not a well-formed tag: shown as it is kept
  }
}

export const Digest = ({ draft, change }: SectionProps) => (
  <Section title="Weekly digest" note="One e-mail a week with what came back and what needs you.">
    <label className="switch-row">
      <span id="digest-label">Send me the digest</span>
      <Switch.Root
        className="switch"
        aria-labelledby="digest-label"
        checked={draft.digestEnabled}
        onCheckedChange={(digestEnabled) => change({ digestEnabled })}
      >
        <Switch.Thumb className="switch-thumb" />
      </Switch.Root>
    </label>
  </Section>
);
