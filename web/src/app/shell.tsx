// The frame around every page: where one can go, who one is, and whether the figures are fresh.
import { Dialog } from '@base-ui/react/dialog';
import { Menu } from '@base-ui/react/menu';
import { Suspense, useEffect, useRef, useState } from 'react';
import { NavLink, Outlet, useLocation } from 'react-router';
import { useMerchant } from '../api/queries';
import { Loading } from '../ui/parts';
import {
  IconActivity,
  IconCheck,
  IconClose,
  IconMenu,
  IconMoon,
  IconOverview,
  IconRecover,
  IconSettings,
  IconSignOut,
  IconSun,
  IconSystem,
  IconTasks,
  IconTemplate,
  IconUser,
} from '../ui/icons';
import { Logo } from './logo';
import { useSession } from './session-context';
import { chooseTheme, useTheme, type Theme } from './theme';

const places = [
  { to: '/', label: 'Overview', icon: IconOverview, end: true },
  { to: '/recoveries', label: 'Recoveries', icon: IconRecover },
  { to: '/tasks', label: 'Tasks', icon: IconTasks },
  { to: '/activity', label: 'Activity', icon: IconActivity },
  { to: '/templates', label: 'Templates', icon: IconTemplate },
  { to: '/settings', label: 'Settings', icon: IconSettings },
];

const Places = ({ onChoose }: { onChoose?: () => void }) => (
  <ul className="places">
    {places.map(({ to, label, icon: Icon, end }) => (
      <li key={to}>
        <NavLink to={to} end={end} className="place" onClick={onChoose}>
          <Icon size={17} aria-hidden />
          {label}
        </NavLink>
      </li>
    ))}
  </ul>
);

export function Shell() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const first = useRef(true);

  // On a new page the screen begins at its top, and so do keyboard and screen reader.
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <div className="shell">
        <aside className="side">
          <div className="side-inner">
            <Logo />
            <nav aria-label="Main">
              <Places />
            </nav>
            <div className="side-foot">
              <LocalMark />
              <Account />
            </div>
          </div>
        </aside>
        <header className="topbar">
          <Logo />
          <Drawer />
        </header>
        <main id="main" ref={main} tabIndex={-1} className="main">
          <Suspense fallback={<Loading what="the page" lines={6} height={20} />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
    </>
  );
}

const LocalMark = () =>
  useSession().local ? <p className="local-mark">Local sign-in, for the demo</p> : null;

function Drawer() {
  const [open, setOpen] = useState(false);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className="button quiet icon-only" aria-label="Menu">
        <IconMenu size={20} aria-hidden />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="drawer">
          <div className="drawer-head">
            <Dialog.Title className="unseen">Menu</Dialog.Title>
            <Logo />
            <Dialog.Close className="button quiet icon-only" aria-label="Close the menu">
              <IconClose size={18} aria-hidden />
            </Dialog.Close>
          </div>
          <nav aria-label="Main">
            <Places onChoose={() => setOpen(false)} />
          </nav>
          <div className="side-foot">
            <LocalMark />
            <Account />
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const themes: { value: Theme; label: string; icon: typeof IconSun }[] = [
  { value: 'system', label: 'As the system', icon: IconSystem },
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
];

function Account() {
  const merchant = useMerchant().data;
  const { signOut } = useSession();
  const theme = useTheme();
  const name = merchant?.fromName || merchant?.name || merchant?.email || 'Account';
  return (
    <Menu.Root>
      <Menu.Trigger className="account">
        <IconUser size={18} aria-hidden />
        <span className="account-names">
          <span className="account-name clip">{name}</span>
          {merchant && merchant.email !== name && <span className="faint small clip">{merchant.email}</span>}
        </span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner side="top" align="start" sideOffset={6} className="positioner">
          <Menu.Popup className="menu">
            <Menu.Group>
              <Menu.GroupLabel className="menu-label">Appearance</Menu.GroupLabel>
              <Menu.RadioGroup value={theme} onValueChange={(next: Theme) => chooseTheme(next)}>
                {themes.map(({ value, label, icon: Icon }) => (
                  <Menu.RadioItem key={value} value={value} className="menu-item" closeOnClick>
                    <Icon size={15} aria-hidden />
                    {label}
                    <Menu.RadioItemIndicator className="menu-check">
                      <IconCheck size={15} aria-hidden />
                    </Menu.RadioItemIndicator>
                  </Menu.RadioItem>
                ))}
              </Menu.RadioGroup>
            </Menu.Group>
            <Menu.Separator className="menu-line" />
            <Menu.Item className="menu-item" onClick={() => void signOut()}>
              <IconSignOut size={15} aria-hidden />
              Sign out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
