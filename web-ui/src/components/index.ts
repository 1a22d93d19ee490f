export { default as Button } from './Button.svelte';
export { default as Dialog } from './Dialog.svelte';
export { default as Empty } from './Empty.svelte';
export { default as Field } from './Field.svelte';
export { default as Logo } from './Logo.svelte';
export { default as Menu, type MenuItem } from './Menu.svelte';
export { default as Table } from './Table.svelte';
export { default as Tabs } from './Tabs.svelte';
export { default as Toasts } from './Toasts.svelte';
