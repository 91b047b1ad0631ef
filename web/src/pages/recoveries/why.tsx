// A decision's reason: the rule in plain words, and the engine's own account of it for whoever wants the figures.
import { Collapsible } from '@base-ui/react/collapsible';
import type { TimelineEntry } from '../../api/queries';
import { ruleWords } from '../../lib/rules';
import { IconNext } from '../../ui/icons';

export function Why({ decision }: { decision: TimelineEntry }) {
  const words = ruleWords(decision.rule);
  if (!words) return <p className="decision-why">{decision.reason}</p>;
  return (
    <Collapsible.Root className="decision-why">
      <p>{words}</p>
      <Collapsible.Trigger className="why-more">
        <IconNext size={13} aria-hidden />
        The engine’s own words
      </Collapsible.Trigger>
      <Collapsible.Panel className="why-detail">
        {decision.reason} <code>{decision.rule}</code>
      </Collapsible.Panel>
    </Collapsible.Root>
  );
}
