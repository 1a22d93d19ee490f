/** Short messages at the edge of the screen, read out by screen readers. */

export type Tone = 'info' | 'good' | 'bad';

export interface ToastItem {
  id: number;
  text: string;
  tone: Tone;
  action?: { label: string; run: () => void };
}

let last = 0;
export const toasts = $state<{ items: ToastItem[] }>({ items: [] });

export function dismiss(id: number): void {
  toasts.items = toasts.items.filter((item) => item.id !== id);
}

/** What went wrong on another page, or to another person, is not news on this one. What still can be acted on stays. */
export function forgetErrors(): void {
  toasts.items = toasts.items.filter((item) => item.tone !== 'bad' || item.action !== undefined);
}

/** Shows a message; errors stay until they are closed or one goes elsewhere. */
export function toast(text: string, tone: Tone = 'info', action?: ToastItem['action']): number {
  last += 1;
  const id = last;
  toasts.items = [...toasts.items.slice(-3), { id, text, tone, ...(action ? { action } : {}) }];
  if (tone !== 'bad') setTimeout(() => dismiss(id), action ? 7000 : 3500);
  return id;
}
