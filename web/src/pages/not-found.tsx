import { ButtonLink } from '../ui/button';
import { Empty, PageHead } from '../ui/parts';

export default function NotFound() {
  return (
    <>
      <PageHead title="Not found" />
      <div className="card">
        <Empty title="There is no such page" action={<ButtonLink to="/">To the overview</ButtonLink>}>
          The address may have been mistyped, or the page has moved.
        </Empty>
      </div>
    </>
  );
}
