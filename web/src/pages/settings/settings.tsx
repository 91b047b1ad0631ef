// How the engine works for this merchant, and how its letters look.
import { useEffect, useState, type FormEvent } from 'react';
import { useMerchant, useSaveSettings, type Merchant, type MerchantPatch } from '../../api/queries';
import { Button } from '../../ui/button';
import { ListStates } from '../../ui/list-states';
import { PageHead } from '../../ui/parts';
import { say, sayError } from '../../ui/toasts';
import { Brand, Digest, Mode, Place, Sender } from './sections';
import { StripeConnection } from './stripe-connection';

export type Draft = Required<MerchantPatch>;

const draftOf = (merchant: Merchant): Draft => ({
  billingCountry: merchant.billingCountry,
  billingAddress: merchant.billingAddress,
  brandColor: merchant.brandColor,
  logoUrl: merchant.logoUrl,
  fromName: merchant.fromName,
  supportEmail: merchant.supportEmail,
  replyTo: merchant.replyTo,
  timezone: merchant.timezone,
  locale: merchant.locale,
  retryMode: merchant.retryMode,
  digestEnabled: merchant.digestEnabled,
});

export default function Settings() {
  const merchant = useMerchant();
  return (
    <>
      <PageHead title="Settings" intro="How the engine works for you, and what your customers see." />
      {merchant.data ? (
        <Form merchant={merchant.data} />
      ) : (
        <section className="card" aria-label="Settings">
          <ListStates what="settings" query={merchant} empty={false} whenEmpty={null}>
            {null}
          </ListStates>
        </section>
      )}
    </>
  );
}

function changesOf(draft: Draft, saved: Draft): MerchantPatch {
  return Object.fromEntries(
    Object.entries(draft).filter(([name, value]) => value !== saved[name as keyof Draft]),
  ) as MerchantPatch;
}

function Form({ merchant }: { merchant: Merchant }) {
  const saved = draftOf(merchant);
  const [draft, setDraft] = useState(saved);
  const save = useSaveSettings(merchant);
  const changes = changesOf(draft, saved);
  const count = Object.keys(changes).length;
  const change = (patch: Partial<Draft>) => setDraft((old) => ({ ...old, ...patch }));

  // Leaving with something unsaved asks first.
  useEffect(() => {
    if (count === 0) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [count]);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (save.isPending || count === 0) return;
    save.mutate(changes, {
      onSuccess: (answer) => {
        setDraft(draftOf(answer));
        say('Settings saved');
      },
      onError: (error) => sayError('The settings were not saved', error),
    });
  }

  return (
    <div className="settings">
      <StripeConnection merchant={merchant} />
      <form onSubmit={submit} className="settings">
        <Mode draft={draft} change={change} />
        <Sender draft={draft} change={change} merchant={merchant} />
        <Brand draft={draft} change={change} name={draft.fromName || merchant.name || 'Your company'} />
        <Place draft={draft} change={change} />
        <Digest draft={draft} change={change} />
        {count > 0 && (
          <div className="save-bar" role="region" aria-label="Unsaved changes">
            <span>{count === 1 ? 'One change is not saved' : `${count} changes are not saved`}</span>
            <span className="pager-buttons">
              <Button look="quiet" onClick={() => setDraft(saved)}>
                Discard
              </Button>
              <Button look="primary" type="submit" busy={save.isPending}>
                Save
              </Button>
            </span>
          </div>
        )}
      </form>
    </div>
  );
}
