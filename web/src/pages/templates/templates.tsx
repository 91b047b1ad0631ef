// The letters to customers: choose one, rewrite it, see it as a customer would.
import { NavLink, useParams } from 'react-router';
import { useTemplate } from '../../api/queries';
import { ListStates } from '../../ui/list-states';
import { PageHead } from '../../ui/parts';
import { Editor } from './editor';
import { sequence, type Letter } from './sequence';

export default function Templates() {
  const { kind, attempt } = useParams();
  const letter =
    sequence.find((each) => each.kind === kind && each.attempt === Number(attempt)) ??
    (sequence[0] as Letter);
  return (
    <>
      <PageHead
        title="Templates"
        intro="What your customers read when a payment failed. Each letter has a built-in text; bring your own where you like."
      />
      <div className="templates">
        <nav aria-label="Letters" className="card letters">
          <ol>
            {sequence.map((each) => (
              <li key={`${each.kind} ${each.attempt}`}>
                <NavLink
                  to={`/templates/${each.kind}/${each.attempt}`}
                  className={`letter ${each === letter ? 'active' : ''}`}
                  aria-current={each === letter ? 'page' : undefined}
                >
                  <span>{each.label}</span>
                  <span className="small soft">{each.when}</span>
                </NavLink>
              </li>
            ))}
          </ol>
        </nav>
        <OneLetter key={`${letter.kind} ${letter.attempt}`} letter={letter} />
      </div>
    </>
  );
}

function OneLetter({ letter }: { letter: Letter }) {
  const template = useTemplate(letter.kind, letter.attempt);
  if (template.data)
    return <Editor key={template.data.updatedAt ?? 'built-in'} letter={letter} template={template.data} />;
  return (
    <section className="card" aria-label={letter.label}>
      <ListStates what="template" query={template} empty={false} whenEmpty={null}>
        {null}
      </ListStates>
    </section>
  );
}
