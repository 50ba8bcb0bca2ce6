export interface Choice {
  readonly label: string;
  readonly act: () => void;
}

/** What the section shows at one moment. The first button stays in place, so that the keyboard never loses it. */
export interface Scene {
  /** Read aloud by screen readers. */
  readonly status: string;
  readonly mood?: 'plain' | 'good' | 'bad';
  readonly progress?: boolean;
  readonly first?: Choice;
  readonly second?: Choice;
}

export interface View {
  show(scene: Scene): void;
  progress(share: number, figures: string, current: string): void;
}

/** The section that the server rendered, hidden, for browsers that can write folders. */
export function openView(): View {
  const section = find('folder');
  const status = find('folder-status');
  const running = find('folder-running');
  const bar = find('folder-progress') as HTMLProgressElement;
  const figures = find('folder-figures');
  const current = find('folder-current');
  const first = button('folder-first');
  const second = button('folder-second');
  section.hidden = false;
  return {
    show(scene) {
      status.textContent = scene.status;
      status.className = scene.mood ?? 'plain';
      running.hidden = scene.progress !== true;
      first(scene.first);
      second(scene.second);
    },
    progress(share, text, path) {
      bar.value = share;
      figures.textContent = text;
      current.textContent = path;
    },
  };
}

function find(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

function button(id: string): (choice: Choice | undefined) => void {
  const element = find(id);
  let act: (() => void) | undefined;
  element.addEventListener('click', () => act?.());
  return (choice) => {
    act = choice?.act;
    element.hidden = choice === undefined;
    element.textContent = choice?.label ?? '';
  };
}
