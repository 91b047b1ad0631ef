// Subject and body on one side, the letter as the customer sees it on the other.
import { useRef, useState } from 'react';
import { ApiProblem } from '../../api/client';
import {
  useMerchant,
  usePreview,
  useResetTemplate,
  useSaveTemplate,
  useSendTest,
  type EmailTemplate,
} from '../../api/queries';
import { useSettled } from '../../lib/use-settled';
import { Button } from '../../ui/button';
import { Choice } from '../../ui/choice';
import { Confirm } from '../../ui/confirm';
import { IconSend } from '../../ui/icons';
import { Badge, Loading } from '../../ui/parts';
import { say, sayError } from '../../ui/toasts';
import { placeholders, type Letter } from './sequence';

export function Editor({ letter, template }: { letter: Letter; template: EmailTemplate }) {
  const [subject, setSubject] = useState(template.subject);
  const [text, setText] = useState(template.body);
  const settled = useSettled(`${subject}\n${text}`, 350);
  const at = settled.indexOf('\n');
  const preview = usePreview(letter.kind, letter.attempt, {
    subject: settled.slice(0, at),
    body: settled.slice(at + 1),
  });
  const problem =
    preview.error instanceof ApiProblem && preview.error.status === 400 ? preview.error.message : '';
  const changed = subject !== template.subject || text !== template.body;
  return (
    <>
      <section className="card editor" aria-label={letter.label}>
        <header className="card-head">
          <div>
            <h2>{letter.label}</h2>
            <p className="small faint">{letter.when}</p>
          </div>
          <Badge tone={template.custom ? 'accent' : 'plain'}>
            {template.custom ? 'Your text' : 'Built-in text'}
          </Badge>
        </header>
        <Fields subject={subject} onSubject={setSubject} text={text} onText={setText} problem={problem} />
        <Buttons
          letter={letter}
          template={template}
          subject={subject}
          text={text}
          changed={changed}
          problem={problem}
        />
      </section>
      <Preview preview={preview} />
    </>
  );
}

interface FieldsProps {
  subject: string;
  onSubject(subject: string): void;
  text: string;
  onText(text: string): void;
  problem: string;
}

function Fields({ subject, onSubject, text, onText, problem }: FieldsProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  function insert(name: string) {
    const field = area.current;
    if (!field) return;
    const mark = `{{${name}}}`;
    field.focus();
    field.setRangeText(mark, field.selectionStart, field.selectionEnd, 'end');
    onText(field.value);
  }
  return (
    <div className="editor-fields">
      <label className="field">
        <span className="label">Subject</span>
        <input
          className="input"
          value={subject}
          maxLength={200}
          onChange={(event) => onSubject(event.target.value)}
        />
      </label>
      <div className="field">
        <label className="label" htmlFor="letter-body">
          Text
        </label>
        <textarea
          id="letter-body"
          ref={area}
          className="input mono letter-body"
          rows={16}
          value={text}
          aria-invalid={problem !== ''}
          aria-describedby="letter-help letter-problem"
          onChange={(event) => onText(event.target.value)}
        />
        <p id="letter-problem" className="bad small" role="alert">
          {problem}
        </p>
        <div className="chips" role="group" aria-label="Insert a placeholder">
          {placeholders.map(({ name, help }) => (
            <button key={name} type="button" className="chip" title={help} onClick={() => insert(name)}>
              {`{{${name}}}`}
            </button>
          ))}
        </div>
        <p id="letter-help" className="help">
          Markdown: **bold**, *italic*, [a link](https://…), lists. No HTML. The button to pay is always
          there.
        </p>
      </div>
    </div>
  );
}

interface ButtonsProps {
  letter: Letter;
  template: EmailTemplate;
  subject: string;
  text: string;
  changed: boolean;
  problem: string;
}

function Buttons({ letter, template, subject, text, changed, problem }: ButtonsProps) {
  const merchant = useMerchant().data;
  const [asking, setAsking] = useState(false);
  const save = useSaveTemplate(letter.kind, letter.attempt);
  const reset = useResetTemplate(letter.kind, letter.attempt);
  const test = useSendTest(letter.kind, letter.attempt);
  const broken = problem !== '' || subject.trim() === '' || text.trim() === '';
  return (
    <div className="editor-buttons">
      <Button
        look="primary"
        busy={save.isPending}
        disabled={!changed || broken}
        onClick={() =>
          changed &&
          !broken &&
          save.mutate(
            { subject, body: text },
            {
              onSuccess: () => say('Saved', 'The next letter of this kind uses your text.'),
              onError: (error) => sayError('It was not saved', error),
            },
          )
        }
      >
        Save
      </Button>
      <Button
        icon={<IconSend size={15} aria-hidden />}
        busy={test.isPending}
        disabled={broken}
        onClick={() =>
          !broken &&
          test.mutate(
            { subject, body: text },
            {
              onSuccess: ({ to }) => say('Test sent', `To ${to}, with example values.`),
              onError: (error) => sayError('The test was not sent', error),
            },
          )
        }
      >
        Send a test{merchant?.email ? '' : ' to me'}
      </Button>
      {template.custom && (
        <Button look="quiet" onClick={() => setAsking(true)}>
          Back to the built-in text
        </Button>
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Use the built-in text again?"
        action="Use the built-in text"
        danger
        busy={reset.isPending}
        onConfirm={() =>
          reset.mutate(undefined, {
            onSuccess: () => say('The built-in text is used again'),
            onError: (error) => sayError('It was not changed', error),
            onSettled: () => setAsking(false),
          })
        }
      >
        <p>Your own text of this letter is deleted.</p>
      </Confirm>
    </div>
  );
}

function Preview({ preview }: { preview: ReturnType<typeof usePreview> }) {
  const [form, setForm] = useState<'html' | 'text'>('html');
  const letter = preview.data;
  return (
    <section className="card flush preview" aria-label="Preview" aria-busy={preview.isFetching}>
      <header className="card-head">
        <div className="preview-subject">
          <h2>Preview</h2>
          <p className="small soft clip" title={letter?.subject}>
            {letter?.subject ?? '…'}
          </p>
        </div>
        <Choice<'html' | 'text'>
          label="Form"
          value={form}
          options={[
            { value: 'html', label: 'Letter' },
            { value: 'text', label: 'Plain text' },
          ]}
          onChange={setForm}
        />
      </header>
      {!letter ? (
        <div className="list-waiting">
          {preview.isError ? (
            <p className="soft">{preview.error.message}</p>
          ) : (
            <Loading what="the preview" lines={8} />
          )}
        </div>
      ) : form === 'html' ? (
        // No script, no form and no way out: a letter is looked at, not run.
        <iframe
          className="preview-frame"
          title="The letter as the customer sees it"
          sandbox=""
          srcDoc={letter.html}
        />
      ) : (
        <pre className="preview-text" tabIndex={0}>
          {letter.text}
        </pre>
      )}
    </section>
  );
}
