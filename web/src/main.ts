import './app.css';
import { mount } from 'svelte';
import App from './app/App.svelte';
import { page } from '$lib/page.svelte';
import { Embedded } from '$lib/source/embedded';
import { Served } from '$lib/source/served';
import { speech } from '$lib/language.svelte';
import { themes } from '$lib/theme.svelte';
import Failed from './app/Failed.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('no #app');
themes.start();
document.documentElement.lang = speech.current;

try {
  await page.start(Embedded.isHere ? new Embedded() : new Served());
  mount(App, { target });
} catch (error) {
  mount(Failed, { target, props: { error: error instanceof Error ? error : new Error(String(error)) } });
}
