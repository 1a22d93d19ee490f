/** Which drawer or dialog of the annotation screen is open. */

export type Panel = 'none' | 'skip' | 'flag' | 'history' | 'help' | 'palette';

export function createPanels() {
  let open = $state<Panel>('none');
  return {
    get open() {
      return open;
    },
    show(panel: Panel) {
      open = panel;
    },
    hide() {
      open = 'none';
    },
  };
}

export type Panels = ReturnType<typeof createPanels>;
