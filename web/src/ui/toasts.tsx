// What just happened, said once and aloud.
import { Toast } from '@base-ui/react/toast';
import { IconAlert, IconCheck, IconClose } from './icons';

const manager = Toast.createToastManager();

export const say = (title: string, description?: string) =>
  manager.add({ title, description, type: 'good', timeout: 6000 });

export const sayError = (title: string, error: unknown) =>
  manager.add({
    title,
    description: error instanceof Error ? error.message : String(error),
    type: 'bad',
    priority: 'high',
    timeout: 12000,
  });

export const ToastShelf = () => (
  <Toast.Provider toastManager={manager}>
    <Toast.Portal>
      <Toast.Viewport className="toasts">
        <Toasts />
      </Toast.Viewport>
    </Toast.Portal>
  </Toast.Provider>
);

function Toasts() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className={`toast ${toast.type ?? ''}`}
      swipeDirection={['right', 'down']}
    >
      <Toast.Content className="toast-content">
        {toast.type === 'bad' ? <IconAlert size={16} aria-hidden /> : <IconCheck size={16} aria-hidden />}
        <div className="toast-text">
          <Toast.Title className="toast-title" render={<p />} />
          <Toast.Description className="soft small" />
        </div>
        <Toast.Close className="button quiet icon-only" aria-label="Dismiss">
          <IconClose size={14} aria-hidden />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
