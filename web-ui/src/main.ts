import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { locale } from './i18n/index.svelte';
import { start } from './state/app.svelte';
import { applyTheme } from './state/prefs.svelte';
import { startRouter } from './state/router.svelte';

applyTheme();
document.documentElement.lang = locale();
startRouter();
const target = document.getElementById('app');
if (target) mount(App, { target });
void start();
